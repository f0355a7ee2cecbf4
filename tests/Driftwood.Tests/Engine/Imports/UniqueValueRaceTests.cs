using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>Several writers change the values of one unique custom field.</summary>
public sealed class UniqueValueRaceTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private static readonly string[] Headers = ["Badge", "Name"];
    private static readonly Field Badge = CustomFields.Make(
        Guid.CreateVersion7(), 1, "badge", "Badge", FieldKind.Text, required: false, unique: true, []);

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 10 };
    private readonly RecordType _type = RecordTypes.Extend(RecordTypes.Companies, [Badge], 0);

    [Theory]
    [InlineData(DuplicateStrategy.Skip)]
    [InlineData(DuplicateStrategy.Merge)]
    [InlineData(DuplicateStrategy.Overwrite)]
    public async Task Two_imports_of_the_same_values_in_opposite_orders_leave_one_record_a_value(DuplicateStrategy strategy)
    {
        var tenant = await NewTenantAsync();
        string[] badges = [.. Enumerable.Range(1, 200).Select(i => $"b{i}")];
        var forwards = await AddAsync(tenant, badges, strategy, lanes: 2);
        var backwards = await AddAsync(tenant, [.. badges.Reverse()], strategy, lanes: 2);

        await Task.WhenAll(
            new LaneStorm(_rig, tenant, forwards, 2, _options).RunAsync(null),
            new LaneStorm(_rig, tenant, backwards, 2, _options).RunAsync(null));

        JobState[] states = [await _rig.StateAsync(tenant, forwards), await _rig.StateAsync(tenant, backwards)];
        Assert.All(
            states, state =>
            Assert.Equal(("completed", null, 200L, 0L), (state.Status, state.Error, state.Processed, state.Counts.Failed)));
        Assert.Equal(200, states.Sum(state => state.Counts.Created));
        Assert.Equal(badges.Order(StringComparer.Ordinal), await BadgesAsync(tenant));
        Assert.Empty(await _rig.ShowFlawsAsync(tenant, _type));
    }

    [Fact]
    public async Task A_record_that_gives_its_value_up_while_it_is_waited_for_no_longer_matches()
    {
        var tenant = await NewTenantAsync();
        var record = new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["name"] = "Acme", ["badge"] = "old" } };
        await _rig.AddRecordsAsync(tenant, _type, [record]);
        var job = await AddAsync(tenant, ["old"], DuplicateStrategy.Merge);
        await using var connection = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            update companies set custom = '{"1": "new"}' where account_id = @account and id = @id;
            update unique_values set key = 'new' where account_id = @account and record_id = @id;
            """;
        command.Parameters.AddWithValue("account", tenant.Account);
        command.Parameters.AddWithValue("id", record.Id.Value);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var running = _rig.RunLaneAsync(tenant, job, _options);
        await _rig.WaitingAsync();
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(LaneEnd.Completed, (await running).End);
        Assert.Equal(new JobState("completed", null, 1, new LaneCounts(1, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
        Assert.Equal(["new", "old"], await BadgesAsync(tenant));
    }

    private async Task<Tenant> NewTenantAsync()
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, _type);
        return tenant;
    }

    private Task<Guid> AddAsync(Tenant tenant, string[] badges, DuplicateStrategy strategy, int lanes = 1)
    {
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Badge"] = "badge", ["Name"] = "name" },
            MatchOn = "badge",
            DuplicateStrategy = strategy,
        };
        var file = Encoding.UTF8.GetBytes("Badge,Name\n" + string.Concat(badges.Select(badge => $"{badge},Acme\n")));
        return _rig.AddImportAsync(tenant, _type, spec, Headers, file, badges.Length, lanes);
    }

    /// <summary>The values of all records. Each value has its row in <c>unique_values</c>.</summary>
    private Task<List<string>> BadgesAsync(Tenant tenant) => _rig.ListAsync(
        """
        select r.custom ->> '1' from companies r
        join unique_values u on u.account_id = r.account_id and u.record_id = r.id and u.key = r.custom ->> '1'
        where r.account_id = @account order by u.key
        """,
        ("account", tenant.Account));
}
