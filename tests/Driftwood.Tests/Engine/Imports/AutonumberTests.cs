using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Npgsql;

namespace Driftwood.Tests.Engine.Imports;

public sealed class AutonumberTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private static readonly string[] Headers = ["External"];

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 20 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Eight_imports_at_once_beside_single_creates_give_no_number_twice(bool nameIsUnique)
    {
        const int Imports = 8, Lanes = 2, Rows = 150, Singles = 60;
        var tenant = await _rig.NewTenantAsync();
        var type = await AddTypeAsync(tenant, "T-{000}", nameIsUnique);
        List<Task> running = [CreateAsync(tenant, type, Singles)];
        foreach (var import in Enumerable.Range(1, Imports))
        {
            var job = await AddAsync(tenant, type, [.. Enumerable.Range(1, Rows).Select(row => $"i{import}-{row}")], Lanes);
            running.Add(new LaneStorm(_rig, tenant, job, Lanes, _options).RunAsync(null));
        }

        await Task.WhenAll(running);

        var names = await NamesAsync(tenant);
        Assert.Equal((Imports * Rows) + Singles, names.Count);
        Assert.All(names, name => Assert.NotNull(AutonumberNames.NumberOf(type.Autonumber!, name)));
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(nameIsUnique ? names.Count : 0, await CountUniqueAsync(tenant, type));
        Assert.Empty(await _rig.ShowFlawsAsync(tenant, type));
    }

    [Fact]
    public async Task An_overwritten_record_keeps_its_number_and_nobody_else_may_have_it()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = await AddTypeAsync(tenant, "T-{000}", nameIsUnique: true);
        await RunAsync(tenant, await AddAsync(tenant, type, ["a", "b"]));
        var before = await NamesAsync(tenant);

        await RunAsync(tenant, await AddAsync(tenant, type, ["b", "a"]));

        Assert.Equal(before, await NamesAsync(tenant));
        Assert.Equal(2, await CountUniqueAsync(tenant, type));
    }

    [Fact]
    public async Task A_number_that_makes_a_name_which_must_be_unique_and_is_taken_fails_its_row()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = await AddTypeAsync(tenant, "T-{000}", nameIsUnique: true);
        await _rig.AddRecordsAsync(tenant, type, [new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["name"] = "t-101" } }]);
        var dry = await AddAsync(tenant, type, ["a", "b", "c"], dryRun: true);
        await RunAsync(tenant, dry);
        Assert.Equal(["2 duplicate_value name"], await _rig.ErrorsAsync(tenant, dry));
        Assert.Equal(["t-101"], await NamesAsync(tenant));
        var job = await AddAsync(tenant, type, ["a", "b", "c"]);

        await RunAsync(tenant, job);

        Assert.Equal(["2 duplicate_value name"], await _rig.ErrorsAsync(tenant, job));
        Assert.Equal(["T-100", "T-102", "t-101"], await NamesAsync(tenant));
        Assert.Equal(3, await CountUniqueAsync(tenant, type));
    }

    [Fact]
    public async Task A_create_that_waits_for_a_change_of_its_type_is_not_in_the_changes_way()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = await AddTypeAsync(tenant, "T-{000}", nameIsUnique: false);
        await using var connection = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await RecordSchemaLock.TakeAsync(connection, tenant.Account, type.Key, TestContext.Current.CancellationToken);
        var creating = CreateAsync(tenant, type, 1);
        await _rig.WaitingAsync();

        await using var command = new NpgsqlCommand(
            "update record_types set name = 'Cases' where account_id = $1",
            connection)
        { Parameters = { new() { Value = tenant.Account } } };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await creating;

        Assert.Equal(["T-100"], await NamesAsync(tenant));
    }

    /// <summary>Stores a type and returns it as the engine reads it.</summary>
    private async Task<RecordType> AddTypeAsync(Tenant tenant, string pattern, bool nameIsUnique)
    {
        await _rig.AddTypeAsync(tenant, RecordTypes.Custom(Guid.CreateVersion7(), "tickets", "Tickets", nameIsUnique, pattern));
        return (await new RecordTypeCatalog(_rig.Database).FindAsync(tenant.Account, "tickets", TestContext.Current.CancellationToken))!;
    }

    private Task<Guid> AddAsync(Tenant tenant, RecordType type, string[] externalIds, int lanes = 1, bool dryRun = false)
    {
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["External"] = "external_id" },
            MatchOn = "external_id",
            DuplicateStrategy = DuplicateStrategy.Overwrite,
            DryRun = dryRun,
        };
        return _rig.AddImportAsync(
            tenant, type, spec, Headers, Encoding.UTF8.GetBytes($"External\n{string.Join('\n', externalIds)}\n"), externalIds.Length,
            lanes);
    }

    private async Task RunAsync(Tenant tenant, Guid job) =>
        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, job, _options)).End);

    private async Task CreateAsync(Tenant tenant, RecordType type, int count)
    {
        var store = new RecordStore(_rig.Database);
        for (var i = 0; i < count; i++)
        {
            await using var connection = await _rig.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var written = await store.CreateAsync(
                connection, type, tenant.Account, tenant.Owner, new RecordValues(), CancellationToken.None);
            Assert.Empty(written.Faults);
            await transaction.CommitAsync();
        }
    }

    private Task<List<string>> NamesAsync(Tenant tenant) =>
        _rig.ListAsync(
            "select name from custom_records where account_id = @account order by name collate \"C\"", ("account", tenant.Account));

    private async Task<int> CountUniqueAsync(Tenant tenant, RecordType type) => (await _rig.ListAsync(
        """
        select u.key from unique_values u join custom_records r on r.account_id = u.account_id and r.id = u.record_id and r.name_key = u.key
        where u.account_id = @account and u.field_id = @type
        """,
        ("account", tenant.Account), ("type", type.TypeId!.Value))).Count;
}
