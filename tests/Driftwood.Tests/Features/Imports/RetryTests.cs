using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Engine;
using Driftwood.Tests.Features.BulkJobs;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The failed rows of an import are tried again, corrected or as they are, under the numbers of the first file.</summary>
public sealed class RetryTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string NoAddress = "which is not an e-mail address; expected one such as jane@example.com.";

    private const string Csv =
        "email,first_name,city\n"
        + "a@example.com,Ann,Oslo\n"
        + "b@@example,\"Bea\nBeate\",\"Oslo, N\"\n"
        + "c@@example,Cid,=Rome\n"
        + "\n"
        + "d@@example,Dora,\n";

    [Fact]
    public async Task Corrected_rows_are_applied_and_the_others_fail_again_under_their_numbers()
    {
        using var client = await app.CreateClientAsync();
        var first = await client.ImportAsync(Csv, new { add_tags = new[] { "fair" }, duplicate_strategy = "merge" });
        Assert.Equal("completed 4: 1/0/0/3", first.Outcome());

        var retried = await RetryAsync(
            client, first.Id(), Fix(2, ("email", "b@example.com")), Fix(4, ("email", "d@example.com"), ("city", "Bergen")));

        Assert.Equal("completed 3: 2/0/0/1", retried.Outcome());
        Assert.Equal(
            [$"{first.Id()}", "leads.csv", "merge"],
            new[] { "retry_of", "file_name", "duplicate_strategy" }.Select(member => retried.Text(member)));
        Assert.Null(first.Text("retry_of"));
        Assert.Equal(["3 5 email email invalid_email c@@example"], await client.ErrorsAsync(retried.Id()));
        Assert.Equal(
            ["2 created", "3 failed", "4 created"],
            (await client.AllAsync("imports-results", new { id = retried.Id(), limit = 1 }))
                .Select(row => $"{row.Text("row_number")} {row.Text("outcome")}"));
        var people = (await client.RecordsAsync()).Skip(1).OrderBy(each => each.Text("email"), StringComparer.Ordinal).ToList();
        Assert.Equal(
            ["b@example.com|Bea\nBeate|Oslo, N|fair", "d@example.com|Dora|Bergen|fair"],
            people.Select(each => $"{each.Text("email")}|{each.Text("first_name")}|{each.Text("city")}|{each.Tags()[0]}"));
        var receipt = (await client.PostAsync("imports-results-csv", new { id = retried.Id() })).Text;
        Assert.Equal(
            $"""
            email,first_name,city,_row,_outcome,_record_id,_changed,_code,_message
            b@example.com,"Bea\nBeate","Oslo, N",2,created,{people[0].Id()},,,
            c@@example,Cid,'=Rome,3,failed,,,invalid_email,"email: Found c@@example, {NoAddress}"
            d@example.com,Dora,Bergen,4,created,{people[1].Id()},,,

            """.ReplaceLineEndings("\r\n").Replace("\\n", "\n", StringComparison.Ordinal),
            receipt.TrimStart('\uFEFF'));
    }

    [Fact]
    public async Task A_retry_is_retried_by_its_own_id_and_each_import_once()
    {
        using var client = await app.CreateClientAsync();
        var first = await client.ImportAsync(Csv);
        var second = await RetryAsync(client, first.Id(), Fix(2, ("email", "b@example.com")));
        Assert.Equal("completed 3: 1/0/0/2", second.Outcome());

        var again = await client.PostAsync("imports-retry", new { id = first.Id() });
        var third = await RetryAsync(client, second.Id(), Fix(3, ("email", "c@example.com")), Fix(4, ("email", "d@example.com")));

        again.Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Contains($"{second.Id()}", again.Text, StringComparison.Ordinal);
        Assert.Equal("completed 2: 2/0/0/0", third.Outcome());
        Assert.Equal(
            ["3 created", "4 created"],
            (await client.AllAsync("imports-results", new { id = third.Id() }))
                .Select(row => $"{row.Text("row_number")} {row.Text("outcome")}"));
        (await client.PostAsync("imports-retry", new { id = third.Id() })).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal(
            [null, "=Rome", "Oslo", "Oslo, N"],
            (await client.RecordsAsync()).Select(each => each.Text("city")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_an_import_that_has_ended_and_was_no_dry_run_is_retried()
    {
        using var client = await app.CreateClientAsync();
        var tried = await client.ImportAsync(Csv, new { dry_run = true });
        var waiting = await client.UploadedAsync(Csv);
        var cancelled = await client.UploadedAsync(Csv);
        _ = (await client.PostAsync("imports-cancel", new { id = cancelled })).Result;
        var running = await client.ImportAsync(Csv);
        await app.ScalarAsync($"update jobs set status = 'paused' where id = '{running.Id()}'");
        using var stranger = await app.CreateClientAsync();

        foreach (var id in new[] { tried.Id(), waiting, cancelled, running.Id() })
            (await client.PostAsync("imports-retry", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await stranger.PostAsync("imports-retry", new { id = tried.Id() })).Expect(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Every_mistake_in_the_fixes_is_told_at_once_and_nothing_is_done()
    {
        using var client = await app.CreateClientAsync();
        var first = await client.ImportAsync(Csv);
        object[] fixes = [Fix(1, ("email", "x")), Fix(2, ("mail", "b@example.com"), ("Email", "x")), Fix(99, ("email", "x"))];

        var refused = await client.PostAsync("imports-retry", new { id = first.Id(), fixes });
        var twice = await client.PostAsync(
            "imports-retry", new { id = first.Id(), fixes = new[] { Fix(2, ("email", "x")), Fix(2, ("city", "y")), Fix(3) } });
        var many = await client.PostAsync(
            "imports-retry", new { id = first.Id(), fixes = Enumerable.Range(1, 5_001).Select(row => Fix(row, ("email", "x"))) });
        var large = await client.PostAsync(
            "imports-retry", new { id = first.Id(), fixes = new[] { Fix(2, ("city", new string('x', 300_000))) } });

        Assert.Equal(
            ["fixes[0].row: not_failed", "fixes[1].values.mail: unknown_column", "fixes[1].values.Email: unknown_column",
                "fixes[2].row: not_failed"],
            refused.Details);
        Assert.Equal(["fixes[1].row: conflict", "fixes[2].values: required"], twice.Details);
        Assert.Equal(["fixes: out_of_range"], many.Details);
        Assert.Equal(["fixes[0].values: too_long"], large.Details);
        Assert.Single(await client.AllAsync("imports-list", new { }));
    }

    [Fact]
    public async Task Rows_whose_cells_are_not_known_fail_again_unless_all_mapped_cells_are_given()
    {
        using var client = await app.CreateClientAsync();
        var wide = new string('y', 70_000);
        var csv = $"email,first_name,city\na@example.com,x,y,z\nb@@example,{wide},Oslo\nc@@example,Cid,Rome\nd@example.com,\"Dora,Bern\n";
        var first = await client.ImportAsync(csv);
        Assert.Equal("completed 4: 0/0/0/4", first.Outcome());

        var refused = await client.PostAsync(
            "imports-retry", new { id = first.Id(), fixes = new[] { Fix(1, ("email", "a@example.com")), Fix(4, ("city", "Bern")) } });
        var answer = (await client.PostAsync(
            "imports-retry", new { id = first.Id(), fixes = new[] { Fix(3, ("email", "c@example.com")) } })).Result;
        var second = await client.FinishAsync(answer.Id());
        var third = await RetryAsync(
            client, second.Id(),
            Fix(1, ("email", "a@example.com"), ("first_name", "Ann"), ("city", "")),
            Fix(2, ("email", "b@example.com"), ("first_name", "Bea"), ("city", "Oslo")),
            Fix(4, ("email", "d@example.com"), ("first_name", "Dora"), ("city", "Bern")));

        Assert.Equal(
            ["fixes[0].values.first_name: required", "fixes[0].values.city: required", "fixes[1].values.email: required",
                "fixes[1].values.first_name: required"],
            refused.Details);
        Assert.EndsWith(
            "row_not_kept unless fixes give all their cells: 2.", answer.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("completed 4: 1/0/0/3", second.Outcome());
        Assert.Equal(
            ["1 2 - - wrong_column_count -", "2 3 - - row_not_kept -", "4 5 - - unclosed_quote -"], await client.ErrorsAsync(second.Id()));
        var errors = (await client.PostAsync("imports-errors-csv", new { id = second.Id() })).Text;
        const string wide4 = "\r\na@example.com,x,y,1,wrong_column_count,Has 4 cells where the header has 3.,z\r\n";
        Assert.Contains(wide4, errors, StringComparison.Ordinal);
        Assert.Contains("\r\n\"d@example.com,\"\"Dora,Bern\",,,4,unclosed_quote,", errors, StringComparison.Ordinal);
        Assert.Equal("completed 3: 3/0/0/0", third.Outcome());
        Assert.Equal(
            ["Ann ", "Bea Oslo", "Cid Rome", "Dora Bern"],
            (await client.RecordsAsync()).Select(each => $"{each.Text("first_name")} {each.Text("city")}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_same_key_makes_one_retry()
    {
        using var client = await app.CreateClientAsync();
        var first = await client.ImportAsync(Csv);
        object body = new { id = first.Id(), fixes = new[] { Fix(2, ("email", "b@example.com")) } };

        var one = (await client.PostAsync("imports-retry", body, ("Idempotency-Key", "retry-1"))).Result.Id();
        var two = (await client.PostAsync("imports-retry", body, ("Idempotency-Key", "retry-1"))).Result.Id();

        Assert.Equal(one, two);
        Assert.Equal(1, (await client.FinishAsync(one)).GetProperty("created_count").GetInt64());
        Assert.Equal(2, (await client.AllAsync("imports-list", new { })).Length);
    }

    [Fact]
    public async Task What_fails_for_a_missing_field_is_tried_as_it_is_and_not_after_the_column_is_gone()
    {
        using var client = await app.CreateClientAsync();
        var field = await AddLevelAsync(client);
        var first = await client.ImportAsync("email,level\na@example.com,high\nb@example.com,low\n");
        _ = (await client.PostAsync("fields-update", new { id = field, options = new[] { "high" } })).Result;
        var second = await RetryAsync(client, first.Id());
        _ = (await client.PostAsync("fields-delete", new { id = field })).Result;

        Assert.Equal("completed 2: 1/0/0/1", second.Outcome());
        var refused = await client.PostAsync("imports-retry", new { id = second.Id() });
        refused.Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Contains("level", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_rows_run_in_lanes_and_results_and_receipt_find_their_numbers_without_the_file()
    {
        using var client = await app.CreateClientAsync();
        var field = await AddLevelAsync(client);
        // Each lane has 20,000 rows at least.
        var lines = Enumerable.Range(1, 44_000).Select(n => n % 2 == 0 ? $"p{n}@example.com,high,x{n}" : $"p{n},,");
        var first = await client.ImportAsync("email,level,external_id\n" + string.Join('\n', lines));
        Assert.Equal("completed 44000: 0/0/0/44000", first.Outcome());
        _ = (await client.PostAsync("fields-update", new { id = field, options = new[] { "high" } })).Result;

        var second = await RetryAsync(client, first.Id());
        foreach (var file in app.StoredFiles(second.Id())) File.Delete(file);

        Assert.Equal("completed 44000: 22000/0/0/22000", second.Outcome());
        var third = await RetryAsync(client, second.Id(), Fix(43_999, ("email", "last@example.com")));
        Assert.Equal("completed 22000: 1/0/0/21999", third.Outcome());
        foreach (var file in app.StoredFiles(third.Id())) File.Delete(file);
        var created = Assert.Single(await client.AllAsync("imports-results", new { id = third.Id(), outcome = "created" }));
        Assert.Equal(43_999, created.GetProperty("row_number").GetInt64());
        var answer = await client.PostAsync("imports-results-csv", new { id = third.Id() });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        var receipt = answer.Text.Split("\r\n");
        Assert.Equal(Enumerable.Range(0, 22_000).Select(n => $"{(2 * n) + 1}"), receipt[1..^1].Select(line => line.Split(',')[0]));
    }

    [Fact]
    public async Task A_retry_does_what_an_import_of_its_rows_alone_would_do()
    {
        var random = new Random(20_251);
        for (var run = 0; run < 12; run++)
        {
            string Pick(int count, string format) => random.Next(4) == 0 ? "" : string.Format(null, format, random.Next(count));
            var rows = Enumerable.Range(0, 60).Select(n => (
                Fails: random.Next(2) == 0,
                Text: $"{Pick(9, "k{0}@example.com")};{Pick(9, "x{0}")};\"n{n} \"\"; {'\n'}'=é\";{Pick(3, "c{0}")}")).ToList();
            object settings = new
            {
                duplicate_strategy = new[] { "skip", "merge", "overwrite" }[run % 3],
                column_mapping = "email external_id first_name city level".Split(' ').ToDictionary(column => column),
            };
            const string header = "email;external_id;first_name;city;level\n";
            using var one = await app.CreateClientAsync();
            using var other = await app.CreateClientAsync();
            var field = await AddLevelAsync(one);
            var otherField = await AddLevelAsync(other);
            var file = header + string.Concat(rows.Select(row => $"{row.Text};{(row.Fails ? "high" : "")}\n"));
            var first = await one.FinishAsync(await ConfirmedAsync(one, file, settings));
            _ = await other.FinishAsync(await ConfirmedAsync(other, file, settings));
            _ = (await one.PostAsync("fields-update", new { id = field, options = new[] { "high" } })).Result;
            _ = (await other.PostAsync("fields-update", new { id = otherField, options = new[] { "high" } })).Result;

            var numbers = (await one.AllAsync("imports-errors", new { id = first.Id(), limit = 1000 }))
                .Select(error => (int)error.GetProperty("row_number").GetInt64()).ToList();
            var retried = await RetryAsync(one, first.Id());
            var alone = await other.FinishAsync(await ConfirmedAsync(
                other, header + string.Concat(numbers.Select(n => $"{rows[n - 1].Text};{(rows[n - 1].Fails ? "high" : "")}\n")), settings));

            Assert.Equal(alone.Outcome(), retried.Outcome());
            Assert.Equal(await PeopleAsync(other), await PeopleAsync(one));
            string Line(JsonElement row, long number) => $"{number} {row.Text("outcome")} {row.Text("code")}";
            Assert.Equal(
                (await other.AllAsync("imports-results", new { id = alone.Id() }))
                    .Select(row => Line(row, numbers[(int)row.GetProperty("row_number").GetInt64() - 1])),
                (await one.AllAsync("imports-results", new { id = retried.Id() }))
                    .Select(row => Line(row, row.GetProperty("row_number").GetInt64())));
        }
    }

    [Fact]
    public async Task An_erased_person_is_gone_from_a_retry_and_its_rows_keep_their_numbers()
    {
        using var client = await app.CreateClientAsync();
        var anna = await client.ContactAsync(new { email = "anna@person.example", first_name = "Annagreta" });
        var first = await client.ImportAsync(
            "email,first_name,birthday\nanna@person.example,Annagreta,x\nbea@example.com,Bea,x\ncid@example.com,Cid,x\n");
        var second = await RetryAsync(client, first.Id(), Fix(2, ("birthday", "1990-02-28")));

        _ = await client.FinishJobAsync((await client.PostAsync("contacts-erase", new { ids = new[] { anna } })).Result.Id());

        Assert.All(
            app.StoredFiles(second.Id()),
            file => Assert.DoesNotContain("Annagreta", File.ReadAllText(file), StringComparison.Ordinal));
        var third = await RetryAsync(client, second.Id(), Fix(3, ("birthday", "")));
        Assert.Equal("completed 2: 1/0/1/0", third.Outcome());
        var lines = (await client.PostAsync("imports-results-csv", new { id = second.Id() })).Text.Split("\r\n");
        Assert.Equal([",,,1,failed,", "bea@example.com,Bea,1990-02-28,2,created,", "cid@example.com,Cid,x,3,failed,"],
            lines[1..^1].Select(line => string.Join(',', line.Split(',')[..5]) + ","));
    }

    private static object Fix(long row, params (string Column, string Text)[] values) =>
        new { row, values = values.ToDictionary(each => each.Column, each => each.Text) };

    private static async Task<JsonElement> RetryAsync(HttpClient client, Guid id, params object[] fixes) =>
        await client.FinishAsync((await client.PostAsync("imports-retry", new { id, fixes })).Result.Id());

    private static async Task<Guid> AddLevelAsync(HttpClient client) => (await client.PostAsync(
        "fields-create",
        new { record_type = "contacts", key = "level", label = "Level", kind = "choice", options = new[] { "none" } })).Result.Id();

    private static async Task<Guid> ConfirmedAsync(HttpClient client, string csv, object settings)
    {
        var id = (await client.UploadAsync(Encoding.UTF8.GetBytes(csv))).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, "email", settings)).Result;
        return id;
    }

    private static async Task<string[]> PeopleAsync(HttpClient client) =>
    [
        .. (await client.RecordsAsync())
            .Select(each => string.Join('|', "email external_id first_name city custom".Split(' ').Select(member => each.Text(member))))
            .Order(StringComparer.Ordinal),
    ];
}
