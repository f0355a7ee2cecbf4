using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

public sealed class BulkUniqueValueTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private static readonly Field Badge = CustomFields.Make(
        Guid.CreateVersion7(), 1, "badge", "Badge", FieldKind.Text, required: false, unique: true, []);

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly RecordType _type = RecordTypes.Extend(RecordTypes.Companies, [Badge], 0);

    [Theory]
    [InlineData("delete", "{}", "")]
    [InlineData("update", """{"fields": {"badge": "given"}}""", "given")]
    [InlineData("update", """{"fields": {"badge": null}}""", "")]
    public async Task A_value_that_a_target_takes_while_it_is_waited_for_is_given_up(string operation, string parameters, string left)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, _type);
        var record = new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["name"] = "Acme", ["badge"] = "old" } };
        await _rig.AddRecordsAsync(tenant, _type, [record]);
        var job = await _rig.AddBulkAsync(tenant, _type, operation, parameters, [record.Id.Value]);
        await using var connection = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            update companies set custom = '{"1": "new"}' where account_id = @account and id = @id;
            delete from unique_values where account_id = @account and record_id = @id;
            insert into unique_values (account_id, field_id, key, record_id) values (@account, @field, 'new', @id);
            """;
        command.Parameters.AddWithValue("account", tenant.Account);
        command.Parameters.AddWithValue("id", record.Id.Value);
        command.Parameters.AddWithValue("field", Badge.UniqueId!.Value);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var running = _rig.RunLaneAsync(tenant, job, new LaneOptions());
        await _rig.WaitingAsync();
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(LaneEnd.Completed, (await running).End);
        Assert.Equal(
            left, string.Join(
            ' ', await _rig.ListAsync("select key from unique_values where account_id = @account", ("account", tenant.Account))));
    }
}
