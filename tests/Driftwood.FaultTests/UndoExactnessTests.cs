using System.Globalization;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>
/// Four jobs change many contacts, somebody else edits some of these, and the jobs are taken back while processes are killed. All contacts
/// are then as before, bit for bit, but for what somebody else wrote.
/// </summary>
/// <remarks><c>DRIFTWOOD_CONTACTS=1000000</c> runs it at full size, by hand.</remarks>
public sealed class UndoExactnessTests(FaultServer server)
{
    private const int DefaultContacts = 20_000;

    private const string Columns = "external_id,first_name,city,phone,tags,birthday";

    // The hash covers all columns of a contact c but updated_at and updated_by.
    private const string Hash = "md5((to_jsonb(c) - 'updated_at' - 'updated_by')::text)";

    private static readonly int Contacts =
        int.Parse(Environment.GetEnvironmentVariable("DRIFTWOOD_CONTACTS") ?? $"{DefaultContacts}", CultureInfo.InvariantCulture);

    private static int Edits => Contacts / 1_000;

    /// <summary>Shares of each undo at which its process is killed, ten in all.</summary>
    private static readonly double[][] Kills = [[0.01, 0.4], [0.01, 0.3, 0.6], [0.01, 0.6], [0.01, 0.3, 0.7]];

    [Fact]
    public async Task Jobs_taken_back_under_kills_leave_everything_as_it_was_but_for_what_others_wrote()
    {
        using var site = server.NewSite();
        await using var node = await Node.StartAsync(site);
        using var client = node.CreateClient();
        await SeedAsync(site, client);
        await KeepAsync(site, "before");

        Guid[] jobs =
        [
            await ImportAsync(client), await BulkAsync(client, "delete", null, "Bergen"),
            await BulkAsync(client, "tag", new { add = new[] { "Checked", "VIP" } }, "Oslo", "Rome"),
            await BulkAsync(client, "update", new { fields = new { job_title = "Boss" } }, "Lima", "Bonn"),
        ];
        await EditAsync(site, client, jobs);
        await KeepAsync(site, "after");
        Assert.NotEqual("0", await DifferingAsync(site, "before"));

        List<Guid> undos = [];
        foreach (var (job, kills) in jobs.Reverse().Zip(Kills)) undos.Add(await UndoAsync(node, job, kills));

        Assert.Equal($"{Edits}", await site.AskAsync("select count(distinct record_id) from target_failures where code = 'kept'"));
        Assert.Equal("0", await site.AskAsync("select count(*) from target_failures where code <> 'kept'"));
        Assert.Equal("0", await site.AskAsync(
            "select count(*) from target_failures f where f.code = 'kept' and f.record_id not in (select id from probe.edited)"));
        Assert.Equal($"{Edits}", await DifferingAsync(site, "before"));
        Assert.Equal("0", await WronglyKeptAsync(site));
        Assert.Equal("0", await UniqueValuesAsync(site, "before"));

        foreach (var undo in Enumerable.Reverse(undos)) _ = await UndoAsync(node, undo, []);

        Assert.Equal("0", await DifferingAsync(site, "after"));
        Assert.Equal("0", await UniqueValuesAsync(site, "after"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Contacts} contacts, {node.Kills} kills, {node.KillsInTheMiddle} in the middle");
        Assert.Equal(Kills.Sum(each => each.Length), node.Kills);
    }

    /// <summary>
    /// Makes the contacts, a tenth of them with a value in a unique custom field. Each city but Paris has a sixteenth of them.
    /// </summary>
    private static async Task SeedAsync(Site site, HttpClient client)
    {
        var badge = new { record_type = "contacts", key = "badge", label = "Badge", kind = "text", unique = true };
        _ = (await client.PostAsync("fields-create", badge)).Result;
        await RunAsync(site, $"""
            create schema probe;
            with made as (
                insert into contacts (
                    account_id, id, external_id, external_id_key, first_name, last_name, email, email_key, phone, phone_key,
                    job_title, city, birthday, custom, tags, tag_keys, created_at, created_by, updated_at, updated_by)
                select a.id, gen_random_uuid(), 'C' || n, 'C' || n, 'First ' || n, 'Last',
                    'p' || n || '@example.com', 'p' || n || '@example.com',
                    '+4930' || 1000000 + n, '+4930' || 1000000 + n, 'Clerk ' || n % 9, {City("n")}, date '1980-01-01' + n % 9000,
                    case when n % 10 = 0 then jsonb_build_object(f.slot::text, 'B' || n) else '{"{}"}' end,
                    case when n % 3 = 0 then array['VIP'] else '{"{}"}' end, case when n % 3 = 0 then array['vip'] else '{"{}"}' end,
                    now() - interval '1 day', u.id, now() - interval '1 day', u.id
                from accounts a join users u on u.account_id = a.id join fields f on f.account_id = a.id
                cross join generate_series(0, {Contacts - 1}) n
                returning account_id, id, custom)
            insert into unique_values (account_id, field_id, key, record_id)
            select m.account_id, f.id, 'B' || substr(m.custom ->> f.slot::text, 2), m.id
            from made m join fields f on f.account_id = m.account_id where m.custom <> '{"{}"}'
            """);
        // The keys of unique values are those that the service itself makes.
        Assert.Equal("B0", await site.AskAsync("select min(key) from unique_values"));
    }

    private static string City(string number) =>
        $"(array['Bergen', 'Oslo', 'Rome', 'Lima', 'Bonn', 'Paris'])[1 + least({number} / 7 % 16, 5)]";

    /// <summary>Three tenths as many rows as contacts, of which three tenths are new. Overwrites what the columns do not name.</summary>
    private static async Task<Guid> ImportAsync(HttpClient client)
    {
        StringBuilder csv = new(Columns + "\n");
        var rows = Contacts * 3 / 10;
        for (var row = 0; row < rows; row++)
        {
            var number = row % 10 < 3 ? Contacts + row : row * 3;
            csv.Append(CultureInfo.InvariantCulture, $"C{number},Given {row},Pisa,,\"New,VIP\",1990-02-03\n");
        }

        var id = (await client.UploadAsync(Encoding.UTF8.GetBytes(csv.ToString()))).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(
            id, Columns, new { duplicate_strategy = "overwrite", match_on = "external_id", date_format = "yyyy-mm-dd" })).Result;
        var job = await EndAsync(client, "imports-get", id);
        Assert.Equal(("completed", $"{rows}", "0"), (job.Text("status"), job.Text("processed_rows"), job.Text("failed_count")));
        return id;
    }

    private static async Task<Guid> BulkAsync(HttpClient client, string operation, object? parameters, params string[] cities)
    {
        var filter = new { field = "city", op = "in", value = cities };
        var count = (await client.PostAsync("bulk-jobs-count", new { entity_type = "contacts", filter })).Result.GetProperty("count");
        var id = (await client.PostAsync("bulk-jobs-create", new
        {
            entity_type = "contacts",
            operation,
            @params = parameters ?? new { },
            filter,
            expected_count = count.GetInt64(),
        })).Result.Id();
        Assert.Equal(("completed", count.GetRawText()), Told(await EndAsync(client, "bulk-jobs-get", id)));
        Assert.InRange(count.GetInt64(), 1, long.MaxValue);
        return id;

        static (string?, string?) Told(JsonElement job) => (job.Text("status"), job.Text("success_count"));
    }

    /// <summary>Somebody edits contacts that the import created or changed, and that the update changed.</summary>
    private static async Task EditAsync(Site site, HttpClient client, Guid[] jobs)
    {
        var (import, update) = (jobs[0], jobs[3]);
        var thirds = new[] { Edits / 4, Edits / 4, Edits - (2 * (Edits / 4)) };
        await RunAsync(site, $"""
            create table probe.edited as
            (select u.id, 'city' as field from changes c, unnest(c.record_ids) u (id) where c.job_id = '{import}' and c.effect = 'created'
             order by u.id limit {thirds[0]})
            union all
            (select u.id, 'city' from changes c, unnest(c.record_ids) u (id)
             where c.job_id = '{import}' and c.effect = 'updated' order by u.id limit {thirds[1]})
            union all
            (select u.id, 'job_title' from changes c, unnest(c.record_ids) u (id)
             where c.job_id = '{update}' and u.id not in (
                 select i.id from changes m, unnest(m.record_ids) i (id) where m.job_id = '{import}')
             order by u.id limit {thirds[2]})
            """);
        foreach (var line in (await site.AskAsync("select string_agg(id || ' ' || field, ',') from probe.edited")).Split(','))
        {
            var (id, field) = (line.Split(' ')[0], line.Split(' ')[1]);
            var edit = new Dictionary<string, string> { ["id"] = id, [field] = $"By hand {id}" };
            _ = (await client.PostAsync("contacts-update", edit)).Result;
        }
    }

    private static Task KeepAsync(Site site, string name) => RunAsync(site, $"""
        create table probe.{name} as select c.id, {Hash} as hash, to_jsonb(c) - 'updated_at' - 'updated_by' as record from contacts c;
        create table probe.{name}_values as select field_id, key, record_id from unique_values;
        """);

    /// <summary>How many contacts are not as they were, are gone or have come.</summary>
    private static Task<string> DifferingAsync(Site site, string name) => site.AskAsync($"""
        select count(*) from contacts c full join probe.{name} p on p.id = c.id where p.hash is distinct from {Hash}
        """);

    /// <summary>Edited contacts that hold anything but what was written by hand, and the values before in all other fields.</summary>
    private static Task<string> WronglyKeptAsync(Site site) => site.AskAsync("""
        select count(*)
        from probe.edited e
        left join contacts c on c.id = e.id
        left join probe.before p on p.id = e.id
        left join probe.after a on a.id = e.id
        where to_jsonb(c) - 'updated_at' - 'updated_by'
            is distinct from coalesce(p.record || jsonb_build_object(e.field, 'By hand ' || e.id), a.record)
        """);

    /// <summary>Unique values that are gone, or have come.</summary>
    private static Task<string> UniqueValuesAsync(Site site, string name) => site.AskAsync($"""
        select count(*) from unique_values v full join probe.{name}_values p using (field_id, key, record_id)
        where v.account_id is null or p.record_id is null
        """);

    private static async Task<Guid> UndoAsync(Node node, Guid job, double[] kills)
    {
        using var client = node.CreateClient();
        var id = (await client.PostAsync("jobs-undo", new { id = job })).Result.Id();
        foreach (var share in kills) await node.KillAtAsync(id, share);
        using var survivor = node.CreateClient();
        var undo = await EndAsync(survivor, "bulk-jobs-get", id);
        Assert.Equal(("completed", "0"), (undo.Text("status"), undo.Text("failed_count")));
        return id;
    }

    private static Task<JsonElement> EndAsync(HttpClient client, string route, Guid id) => Eventually.GetAsync(
        async () => (await client.PostAsync(route, new { id })).Result,
        job => job.Text("status") is "completed" or "failed",
        TimeSpan.FromMinutes(10));

    private static async Task RunAsync(Site site, string sql) => _ = await site.AskAsync(sql);

    /// <summary>One process of the service after the other, on one database.</summary>
    private sealed class Node(Site site, string token) : IAsyncDisposable
    {
        private ServiceProcess? _process;

        public int Kills { get; private set; }

        /// <summary>Those before the job had ended.</summary>
        public int KillsInTheMiddle { get; private set; }

        public static async Task<Node> StartAsync(Site site)
        {
            // The first process makes the schema.
            var process = await StartProcessAsync(site);
            return new Node(site, await site.CreateAccountAsync()) { _process = process };
        }

        public HttpClient CreateClient() => _process!.CreateClient(token);

        /// <summary>Kills the process once a share of a job's targets is processed, and starts another one.</summary>
        public async Task KillAtAsync(Guid job, double share)
        {
            using var client = CreateClient();
            var at = await Eventually.GetAsync(
                async () => (await client.PostAsync("bulk-jobs-get", new { id = job })).Result,
                each => each.Text("status") == "completed"
                    || each.GetProperty("processed_count").GetDouble() > share * each.GetProperty("total_count").GetDouble(),
                TimeSpan.FromMinutes(10));
            await _process!.KillAsync();
            await _process.DisposeAsync();
            Kills++;
            if (at.Text("status") == "processing") KillsInTheMiddle++;
            _process = await StartProcessAsync(site);
        }

        public async ValueTask DisposeAsync()
        {
            if (_process is not null) await _process.DisposeAsync();
        }

        private static Task<ServiceProcess> StartProcessAsync(Site site) =>
            ServiceProcess.StartAsync(site, lanes: 2, ("Driftwood__Jobs__ChunkRows", "5000"));
    }
}
