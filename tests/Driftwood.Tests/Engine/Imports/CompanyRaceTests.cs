using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>Several writers work on the companies that imports of contacts make and find.</summary>
public sealed class CompanyRaceTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int People = 400;
    private const int Companies = 40;

    private static readonly string[] Headers = ["email", "company_name"];

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 10 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lanes_and_interrupted_workers_make_each_company_once(bool haveDomains)
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await AddAsync(tenant, n => Row(n, haveDomains), LinkCompanies.Create, lanes: 2);

        await new LaneStorm(_rig, tenant, job, 2, _options).RunAsync(new Random(7));

        Assert.Equal(new JobState("completed", null, People, new LaneCounts(People, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
        await CheckAsync(tenant);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lanes_that_make_the_same_companies_at_the_same_moment_make_each_once(bool haveDomains)
    {
        CitusNodes.RequireOneServer("A trigger finds the moment, and Citus refuses triggers.");
        var tenant = await _rig.NewTenantAsync();
        var job = await AddAsync(tenant, n => Row(n, haveDomains), LinkCompanies.Create, lanes: 2);
        await _rig.ExecuteAsync(
            """
            create function await_start() returns trigger language plpgsql as $$ begin
                perform pg_advisory_xact_lock_shared(1);
                return null;
            end $$;
            create trigger await_start before insert on companies for each statement execute function await_start();
            """);
        await using var start = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        // The lock ends with its transaction, so that it can be held and released behind a pooler.
        await using var held = await start.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = start.CreateCommand();
        command.CommandText = "select pg_advisory_xact_lock(1)";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        // The first chunk of each lane has rows of all companies.
        var running = new LaneStorm(_rig, tenant, job, 2, new LaneOptions { ChunkRows = People / 4 }).RunAsync(null);
        await Eventually.GetAsync(
            () => _rig.ListAsync("select pid::text from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"),
                waiting => waiting.Count == 2);
        await held.CommitAsync(TestContext.Current.CancellationToken);
        await running;

        await _rig.ExecuteAsync("drop trigger await_start on companies; drop function await_start()");
        Assert.Equal(new JobState("completed", null, People, new LaneCounts(People, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
        await CheckAsync(tenant);
    }

    [Fact]
    public async Task Two_imports_of_the_same_domains_in_opposite_orders_make_each_company_once()
    {
        var tenant = await _rig.NewTenantAsync();
        var forwards = await AddAsync(tenant, n => Row(n, hasDomain: true), LinkCompanies.Create, lanes: 2);
        var backwards = await AddAsync(tenant, n => Row(People - 1 - n, hasDomain: true), LinkCompanies.Create, lanes: 2);

        await Task.WhenAll(
            new LaneStorm(_rig, tenant, forwards, 2, _options).RunAsync(null),
            new LaneStorm(_rig, tenant, backwards, 2, _options).RunAsync(null));

        JobState[] states = [await _rig.StateAsync(tenant, forwards), await _rig.StateAsync(tenant, backwards)];
        Assert.All(
            states, state =>
            Assert.Equal(("completed", null, 0L, 0L), (state.Status, state.Error, state.Counts.Failed, state.Counts.Warned)));
        Assert.Equal(People, states.Sum(state => state.Counts.Created));
        await CheckAsync(tenant);
    }

    [Fact]
    public async Task Companies_deleted_while_contacts_are_linked_leave_no_contact_behind()
    {
        var tenant = await _rig.NewTenantAsync();
        PlainRecord[] companies = [
            .. Enumerable.Range(0, Companies).Select(n => new PlainRecord { Id = Guid.CreateVersion7(), ["name"] = $"Company {n}" })];
        await _rig.AddRecordsAsync(tenant, RecordTypes.Companies, companies);
        var linking = await AddAsync(tenant, n => Row(n, hasDomain: false), LinkCompanies.Existing, lanes: 2);
        var deleting = await _rig.AddBulkAsync(
            tenant, RecordTypes.Companies, "delete", "{}", [.. companies.Reverse().Select(company => company.Id!.Value)]);

        await Task.WhenAll(
            new LaneStorm(_rig, tenant, linking, 2, _options).RunAsync(null),
            new LaneStorm(_rig, tenant, deleting, 1, _options).RunAsync(null));

        Assert.Equal(
            ("completed", Companies),
            ((await _rig.StateAsync(tenant, deleting)).Status, (int)(await _rig.StateAsync(tenant, deleting)).Counts.Deleted));
        var state = await _rig.StateAsync(tenant, linking);
        Assert.Equal(("completed", null, (long)People), (state.Status, state.Error, state.Counts.Created));
        Assert.Equal(state.Counts.Warned, (await _rig.WarningsAsync(tenant, linking)).Count);
        Assert.Empty(
            await _rig.ListAsync(
            "select email from contacts where account_id = @account and company_id is not null", ("account", tenant.Account)));
    }

    [Fact]
    public async Task A_domain_taken_while_it_is_waited_for_is_found()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await AddAsync(tenant, n => Row(n, hasDomain: true), LinkCompanies.Create, rows: 1);
        await using var connection = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            insert into companies (account_id, id, name, name_key, domain, domain_key, created_at, created_by, updated_at, updated_by)
            values (@account, @id, 'Theirs', 'theirs', 'company0.io', 'company0.io', now(), @owner, now(), @owner)
            """;
        var theirs = Guid.CreateVersion7();
        command.Parameters.AddWithValue("account", tenant.Account);
        command.Parameters.AddWithValue("id", theirs);
        command.Parameters.AddWithValue("owner", tenant.Owner);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var running = _rig.RunLaneAsync(tenant, job, _options);
        await _rig.WaitingAsync();
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(LaneEnd.Completed, (await running).End);
        Assert.Equal(
            [theirs.ToString()],
            await _rig.ListAsync("select company_id::text from contacts where account_id = @account", ("account", tenant.Account)));
        Assert.Equal(
            ["Theirs"], await _rig.ListAsync("select name from companies where account_id = @account", ("account", tenant.Account)));
    }

    [Fact]
    public async Task A_company_renamed_between_two_chunks_stays_the_one_that_the_import_made()
    {
        CitusNodes.RequireOneServer("A trigger finds the moment, and Citus refuses triggers.");
        var tenant = await _rig.NewTenantAsync();
        var job = await AddAsync(tenant, n => $"p{n}@gmail.com,Acme\n", LinkCompanies.Create, rows: 2);
        var options = new LaneOptions { ChunkRows = 1 };
        await _rig.ExecuteAsync(
            """
            create function rename_company() returns trigger language plpgsql as $$ begin
                update companies set name = 'New', name_key = 'new' where account_id = new.account_id;
                return new;
            end $$;
            create trigger rename_company after update of cursor on lanes for each row
                when (new.cursor = 1) execute function rename_company();
            """);

        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, job, options)).End);

        await _rig.ExecuteAsync("drop trigger rename_company on lanes; drop function rename_company()");
        Assert.Equal(["New New"], await _rig.ListAsync(
            "select string_agg(c.name, ' ') from contacts p join companies c on c.account_id = p.account_id and c.id = p.company_id where "
                + "p.account_id = @account",
            ("account", tenant.Account)));
    }

    // Several rows name each company. Without domains, all contacts have addresses at one public provider.
    private static string Row(int n, bool hasDomain) =>
        $"p{n}@{(hasDomain ? $"company{n % Companies}.io" : "gmail.com")},Company {n % Companies}\n";

    private Task<Guid> AddAsync(Tenant tenant, Func<int, string> row, LinkCompanies link, int lanes = 1, int rows = People)
    {
        var spec = new ImportSpec { ColumnMapping = Headers.ToDictionary(header => header), MatchOn = "email", LinkCompanies = link };
        var file = Encoding.UTF8.GetBytes(string.Join(',', Headers) + "\n" + string.Concat(Enumerable.Range(0, rows).Select(row)));
        return _rig.AddImportAsync(tenant, RecordTypes.Contacts, spec, Headers, file, rows, lanes);
    }

    private async Task CheckAsync(Tenant tenant)
    {
        Assert.Equal([$"{Companies} {Companies}"], await _rig.ListAsync(
            "select count(*) || ' ' || count(distinct name) from companies where account_id = @account", ("account", tenant.Account)));
        Assert.Equal([$"{People}"], await _rig.ListAsync(
            """
            select count(*)::text from contacts p
            join companies c on c.account_id = p.account_id and c.id = p.company_id and c.name = p.company_name
            where p.account_id = @account
            """,
            ("account", tenant.Account)));
    }
}
