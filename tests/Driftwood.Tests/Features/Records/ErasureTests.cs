using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Engine;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Npgsql;

namespace Driftwood.Tests.Features.Records;

/// <summary>A person who is erased is found nowhere any more: neither in the database, nor in a stored file.</summary>
public sealed class ErasureTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Mail = "Anna+x@person.example";
    private const string OldMail = "anna.before@person.example";
    private const string PrivateMail = "private@person.example";
    private const string Phone = "+4930901820";
    private const string Badge = "BADGE-4711-X";

    // Another test may leave this person in the database.
    private const string SecondMail = "annika@person.example";

    // The address of somebody else that contains the whole of Anna's.
    private const string Other = "joanna+x@person.example";

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_a_person_is_left_and_every_counter_stays()
    {
        using var client = await app.CreateClientAsync();
        foreach (var (key, kind, unique) in new[] { ("badge", "text", true), ("private_mail", "email", false) })
        {
            _ = (await client.PostAsync(
                "fields-create", new { record_type = "contacts", key, label = key, kind, unique })).Result;
        }

        var created = new { email = OldMail, first_name = "Annagreta", custom = new { badge = Badge, private_mail = PrivateMail } };
        var anna = (await client.PostAsync("contacts-create", created, ("Idempotency-Key", "anna-1"))).Result.Id();
        var changed = new { id = anna, email = Mail, phone = Phone };
        _ = (await client.PostAsync("contacts-update", changed, ("Idempotency-Key", "anna-2"))).Result;
        var jobs = await TouchAsync(client, anna);
        var before = await CountersAsync(client, jobs);
        var traces = await TracesAsync();
        Assert.Superset(
            new HashSet<string>([.. "bulk_items bulk_jobs changes contacts idempotency_keys jobs row_errors target_failures unique_values"
                .Split(' ').Select(table => $"public.{table}")]),
            traces.ToHashSet());
        Assert.True(traces.Count(trace => !trace.StartsWith("public.", StringComparison.Ordinal)) >= 3, "Uploads and a receipt.");

        var erased = await client.FinishJobAsync((await client.PostAsync("contacts-erase", new { ids = new[] { anna } })).Result.Id());

        Assert.Equal("completed 1: 1/0", $"{erased.Text("status")} {erased.Text("total_count")}: "
            + $"{erased.Text("success_count")}/{erased.Text("failed_count")}");
        Assert.Empty(await TracesAsync());
        Assert.Equal(before, await CountersAsync(client, jobs));
        Assert.Equal("erased", Assert.Single(await client.AllAsync("bulk-jobs-results", new { id = erased.Id() })).Text("effect"));
        (await client.PostAsync("contacts-get", new { id = anna })).Expect(HttpStatusCode.NotFound, "not_found");
        var again = (await client.PostAsync("contacts-create", created, ("Idempotency-Key", "anna-1"))).Result;
        Assert.Equal($$"""{"id":"{{anna}}"}""", again.GetRawText());
        // Whoever is somebody else is still whole.
        var joanna = Assert.Single(await client.RecordsAsync(), contact => contact.Text("email") == Other);
        Assert.Equal("Joanna", joanna.Text("first_name"));
        await CheckReceiptAsync(client, jobs.Import, anna);
    }

    [Fact]
    public async Task Erased_records_do_not_come_back_by_undo_restore_or_a_file_that_waits()
    {
        using var client = await app.CreateClientAsync();
        var anna = await client.ContactAsync(new { email = SecondMail, first_name = "Annika" });
        var bea = await client.ContactAsync(new { email = "bea@other.example" });
        var waiting = await client.UploadedAsync($"email,first_name\n{SecondMail},Annika\ncid@other.example,Cid\n");
        var deletion = await client.RunJobAsync("delete", [anna, bea]);

        _ = await client.FinishJobAsync((await client.PostAsync(
            "records-erase", new { record_type = "contacts", ids = new[] { anna } })).Result.Id());

        Assert.Equal(bea, Assert.Single(await client.AllAsync("contacts-deleted-list", new { })).Id());
        (await client.PostAsync("contacts-restore", new { ids = new[] { anna } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        var undone = await client.UndoAsync(deletion.Id());
        Assert.Equal(("completed", "1", "1"), (undone.Text("status"), undone.Text("success_count"), undone.Text("failed_count")));
        var failure = Assert.Single(await client.AllAsync("bulk-jobs-results", new { id = undone.Id(), outcome = "failed" }));
        Assert.Equal((anna.ToString(), "erased"), (failure.Text("entity_id"), failure.Text("code")));
        var history = await client.AllAsync("records-history", new { record_type = "contacts", id = anna });
        Assert.Equal(["deleted", "created"], history.Select(change => change.Text("effect")));
        Assert.All(history, change => Assert.Equal("[]", change.GetProperty("changes").GetRawText()));
        _ = (await client.ConfirmAsync(waiting, "email,first_name")).Result;
        Assert.Equal("completed 2: 1/0/1/0", (await client.FinishAsync(waiting)).Outcome());
        Assert.Equal(["bea@other.example", "cid@other.example"], (await client.RecordsAsync()).Select(r => r.Text("email")).Order());
    }

    [Fact]
    public async Task An_erasure_waits_for_an_import_that_would_make_the_person_again()
    {
        using var client = await app.CreateClientAsync();
        var anna = await client.ContactAsync(new { email = SecondMail });
        var import = await client.UploadedAsync($"email,first_name\nfirst@other.example,First\n{SecondMail},Annika\n");
        await using var locking = new NpgsqlConnection(app.ConnectionString);
        await locking.OpenAsync(Stopping);
        var transaction = await locking.BeginTransactionAsync(Stopping);
        await using (var command = new NpgsqlCommand("lock table contacts in share row exclusive mode", locking))
            await command.ExecuteNonQueryAsync(Stopping);
        _ = (await client.ConfirmAsync(import, "email,first_name", new { duplicate_strategy = "merge" })).Result;

        var erasure = (await client.PostAsync("contacts-erase", new { ids = new[] { anna } })).Result.Id();
        _ = await Eventually.GetAsync(
            async () => (long)(await app.ScalarAsync(
                $"select count(*) from lanes where job_id = '{erasure}' and status = 'running' and owner is null"))!,
            postponed => postponed > 0);
        await transaction.CommitAsync(Stopping);

        Assert.Equal("completed 2: 1/1/0/0", (await client.FinishAsync(import)).Outcome());
        Assert.Equal("completed", (await client.FinishJobAsync(erasure)).Text("status"));
        Assert.Equal("first@other.example", Assert.Single(await client.RecordsAsync()).Text("email"));
    }

    [Fact]
    public async Task Only_the_callers_own_records_are_erased_and_only_with_the_scope()
    {
        var account = await app.CreateAccountAsync("bulk", "read");
        using var weak = app.CreateClient(account);
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var theirs = await other.ContactAsync(new { email = SecondMail });
        (await weak.PostAsync("contacts-erase", new { ids = new[] { theirs } })).Expect(HttpStatusCode.Forbidden, "forbidden");
        (await client.PostAsync("contacts-erase", new { ids = Enumerable.Range(0, 1_001).Select(_ => Guid.NewGuid()) }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        var job = await client.FinishJobAsync((await client.PostAsync("contacts-erase", new { ids = new[] { theirs } })).Result.Id());

        Assert.Equal("1", job.Text("failed_count"));
        Assert.Equal("not_found", Assert.Single(await client.AllAsync("bulk-jobs-results", new { id = job.Id() })).Text("code"));
        Assert.Equal(SecondMail, (await other.GetAsync(theirs)).Text("email"));
    }

    private sealed record Touched(Guid Import, IReadOnlyList<Guid> Imports, IReadOnlyList<Guid> BulkJobs);

    /// <summary>Leaves traces of Anna everywhere.</summary>
    private static async Task<Touched> TouchAsync(HttpClient client, Guid anna)
    {
        // A packed file in another encoding. Row 3 fails, row 4 has a warning, row 5 does not know Anna but is about her.
        var csv = "email;first_name;phone;company_name;birthday\r\n"
            + $"{Other};Joanna;;Jürgens;\r\n\"{Mail}\";Annagreta;;\"Jürgens \"\"J\"\"\";\r\nreach {Mail};Annagreta;x;;\r\n"
            + $"{Mail.ToUpperInvariant()};Annagreta;;;\r\n{Mail};Annagreta;;;1.2.1990\r\n";
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            await gzip.WriteAsync(Encoding.Latin1.GetBytes(csv), Stopping);
        List<Guid> imports = [];
        foreach (var dryRun in new[] { true, false })
        {
            var id = (await client.UploadAsync(packed.ToArray())).Result.GetProperty("job").Id();
            _ = (await client.ConfirmAsync(
                id, "email,first_name,phone,company_name,birthday",
                new { duplicate_strategy = "merge", dry_run = dryRun, date_format = "dd-mm-yyyy" })).Result;
            _ = await client.FinishAsync(id);
            imports.Add(id);
        }

        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("imports-results-csv", new { id = imports[1] })).Status);
        List<Guid> bulk =
        [
            (await client.RunJobAsync(new
            {
                entity_type = "contacts", operation = "upsert", name = $"About {Mail}", @params = new { match_on = "email" },
                items = new object[] { new { email = Mail, city = "Oslo" }, new { email = Mail, phone = "no phone" } },
            })).Id(),
            (await client.RunJobAsync(new
            {
                entity_type = "contacts", operation = "update", @params = new { fields = new { city = $"near {PrivateMail}" } },
                filter = new
                {
                    and = new object[]
                    {
                        new { field = "email", op = "eq", value = Mail },
                        new { not = new { field = "city", op = "in", value = new[] { "Rome", PrivateMail } } },
                    },
                },
            })).Id(),
            (await client.RunJobAsync(new
            {
                entity_type = "contacts", operation = "tag", @params = new { add = new[] { "VIP" } },
                query = $"SELECT * FROM contacts WHERE email = '{Mail}'",
            })).Id(),
            (await client.RunJobAsync(new
            {
                entity_type = "contacts", operation = "tag", @params = new { add = new[] { "VIP" } }, external_ids = new[] { Mail },
            })).Id(),
            (await client.RunJobAsync("delete", [anna])).Id(),
        ];
        bulk.Add((await client.UndoAsync(bulk[^1])).Id());
        return new Touched(imports[1], imports, bulk);
    }

    private static async Task<string> CountersAsync(HttpClient client, Touched jobs)
    {
        StringBuilder counters = new();
        foreach (var (route, ids) in new[] { ("imports", jobs.Imports), ("bulk-jobs", jobs.BulkJobs) })
        {
            foreach (var id in ids)
            {
                var job = (await client.PostAsync($"{route}-get", new { id })).Result;
                var counts = job.EnumerateObject().Where(member => member.Name.EndsWith("_count", StringComparison.Ordinal));
                counters.AppendLine(string.Join(' ', counts.Select(member => $"{member.Name}={member.Value}")));
                var rows = await client.AllAsync($"{route}-results", new { id });
                counters.AppendLine(string.Join(' ', rows.Select(row => row.Text("outcome"))));
            }
        }

        return counters.ToString();
    }

    private static async Task CheckReceiptAsync(HttpClient client, Guid import, Guid anna)
    {
        var receipt = await client.PostAsync("imports-results-csv", new { id = import });
        var lines = PlainCsv.Read(receipt.Text.TrimStart('\uFEFF'));
        Assert.Equal(6, lines.Count);
        Assert.Equal([Other, "Joanna", "", "Jürgens", ""], lines[1][..5]);
        Assert.Equal(["", "", "", "", "", "2", "updated", $"{anna}", "", "", "Erased."], lines[2]);
        Assert.Equal(["", "", "", "", "", "3", "failed", "", "", "invalid_email", "Erased."], lines[3]);
        var errors = PlainCsv.Read((await client.PostAsync("imports-errors-csv", new { id = import })).Text.TrimStart('\uFEFF'));
        Assert.Equal(["", "", "", "", "", "3", "invalid_email", "email: Erased."], errors[1]);
    }

    /// <summary>Where the database and the stored files have anything of Anna, in plain text or packed.</summary>
    private async Task<IReadOnlyList<string>> TracesAsync()
    {
        List<string> traces = [];
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(Stopping);
        List<string> tables = [];
        await using (var command = new NpgsqlCommand(
            """
            select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')
            """,
            connection))
        {
            await using var row = await command.ExecuteReaderAsync(Stopping);
            while (await row.ReadAsync(Stopping)) tables.Add(row.GetString(0));
        }

        Assert.Contains("public.changes", tables);
        foreach (var table in tables)
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy {table} to stdout (format binary)", Stopping);
            using var bytes = new MemoryStream();
            await copy.CopyToAsync(bytes, Stopping);
            if (HasTrace(bytes.ToArray())) traces.Add(table);
        }

        foreach (var file in app.AllStoredFiles())
        {
            var bytes = await File.ReadAllBytesAsync(file, Stopping);
            if (bytes is [0x1f, 0x8b, ..])
            {
                using var plain = new MemoryStream();
                await using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
                    await gzip.CopyToAsync(plain, Stopping);
                bytes = plain.ToArray();
            }

            if (HasTrace(bytes)) traces.Add(file);
        }

        return traces;
    }

    private static bool HasTrace(byte[] bytes)
    {
        // The address of Joanna has that of Anna in it.
        var text = Encoding.Latin1.GetString(bytes).Replace(Other, "", StringComparison.OrdinalIgnoreCase);
        var escaped = JsonEncodedText.Encode(Mail).ToString();
        return new[] { Mail, escaped, OldMail, PrivateMail, Phone, Badge, "Annagreta" }
            .Any(value => text.Contains(value, StringComparison.OrdinalIgnoreCase));
    }
}
