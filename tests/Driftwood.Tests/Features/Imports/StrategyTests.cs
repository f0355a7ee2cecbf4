namespace Driftwood.Tests.Features.Imports;

/// <summary>Tests the effect of each strategy, mode and matching on rows and records, to the last field.</summary>
public sealed class StrategyTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string File = """
        email,first_name,last_name,city,tags
        new@example.com,New,,Oslo,a
         Known@Example.com ,Changed,,,"b,vip"
        ,Nobody,,,
        ,,,,
        bad@@example.com,Bad,,,
        NEW@example.com,Again,Twice,,c

        """;

    [Theory]
    [InlineData("merge")]
    [InlineData("skip")]
    public async Task A_file_of_nothing_but_ids_finds_its_records(string strategy)
    {
        using var client = await app.CreateClientAsync();
        var contact = (await client.PostAsync("contacts-create", new { email = "ann@example.com", city = "Oslo" })).Result;

        var job = await client.ImportAsync($"id\n{contact.Id()}\n", new { match_on = "id", duplicate_strategy = strategy });

        Assert.Equal("completed 1: 0/0/1/0", job.Outcome());
        var result = (await client.PostAsync("imports-results", new { id = job.Id() })).Result.GetProperty("items")[0];
        Assert.Equal(
            (strategy == "merge" ? "unchanged" : "skipped", contact.Text("id")), (result.Text("outcome"), result.Text("record_id")));
        Assert.Equal("Oslo", Assert.Single(await client.RecordsAsync()).Text("city"));
    }

    [Fact]
    public async Task Skip_creates_what_is_new_and_leaves_what_is_known()
    {
        using var client = await KnownAsync();
        var job = await client.ImportAsync(File);

        Assert.Equal("completed 6: 2/0/3/1", job.Outcome());
        Assert.Equal(
            ["known@example.com|Known|Person|Bergen|vip,old", "new@example.com|New||Oslo|a", "|Nobody|||"],
            await ContactsAsync(client));
        Assert.Equal(["5 6 email email invalid_email bad@@example.com"], await client.ErrorsAsync(job.Id()));
    }

    [Fact]
    public async Task Merge_lets_filled_cells_win_and_unites_tags()
    {
        using var client = await KnownAsync();
        var before = Assert.Single(await client.RecordsAsync());
        var job = await client.ImportAsync(File, new { duplicate_strategy = "merge" });

        Assert.Equal("completed 6: 2/2/1/1", job.Outcome());
        Assert.Equal(
            ["Known@Example.com|Changed|Person|Bergen|vip,old,b", "NEW@example.com|Again|Twice|Oslo|a,c", "|Nobody|||"],
            await ContactsAsync(client));
        var after = (await client.RecordsAsync())[0];
        Assert.Equal("ext-1", after.Text("external_id"));
        Assert.Equal("Engineer", after.Text("job_title"));
        Assert.Equal((before.Text("id"), before.Text("created_at")), (after.Text("id"), after.Text("created_at")));
    }

    [Fact]
    public async Task Merge_with_blank_cells_clear_empties_mapped_fields_only()
    {
        using var client = await KnownAsync();
        var job = await client.ImportAsync(
            "email,last_name,city,tags\nknown@example.com,,Rome,\n", new { duplicate_strategy = "merge", blank_cells = "clear" });

        Assert.Equal("completed 1: 0/1/0/0", job.Outcome());
        Assert.Equal(["known@example.com|Known||Rome|"], await ContactsAsync(client));
        Assert.Equal("Engineer", (await client.RecordsAsync())[0].Text("job_title"));
    }

    [Fact]
    public async Task Overwrite_clears_what_the_row_does_not_say_but_the_external_id()
    {
        using var client = await KnownAsync();
        var before = Assert.Single(await client.RecordsAsync());
        var job = await client.ImportAsync(File, new { duplicate_strategy = "overwrite" });

        Assert.Equal("completed 6: 2/2/1/1", job.Outcome());
        Assert.Equal(
            ["Known@Example.com|Changed|||b,vip", "NEW@example.com|Again|Twice||c", "|Nobody|||"],
            await ContactsAsync(client));
        var after = (await client.RecordsAsync())[0];
        Assert.Equal("ext-1", after.Text("external_id"));
        Assert.Null(after.Text("job_title"));
        Assert.Equal((before.Text("id"), before.Text("created_at")), (after.Text("id"), after.Text("created_at")));
    }

    [Fact]
    public async Task Create_only_skips_matches_and_update_only_skips_the_others()
    {
        using var client = await KnownAsync();
        Assert.Equal(
            "completed 6: 0/1/4/1", (await client.ImportAsync(File, new { duplicate_strategy = "merge", mode = "update_only" })).Outcome());
        Assert.Equal(["Known@Example.com|Changed|Person|Bergen|vip,old,b"], await ContactsAsync(client));
        Assert.Equal(
            "completed 6: 2/0/3/1",
            (await client.ImportAsync(File, new { duplicate_strategy = "overwrite", mode = "create_only" })).Outcome());
        Assert.Equal(
            ["Known@Example.com|Changed|Person|Bergen|vip,old,b", "new@example.com|New||Oslo|a", "|Nobody|||"],
            await ContactsAsync(client));
    }

    [Fact]
    public async Task Added_tags_reach_every_written_record_and_the_delimiter_splits_cells()
    {
        using var client = await KnownAsync();
        var job = await client.ImportAsync(
            "email,tags\nnew@example.com,a; b ;A\nknown@example.com,\n",
                new { duplicate_strategy = "merge", tag_delimiter = ";", add_tags = new[] { "VIP", "import" } });

        Assert.Equal("completed 2: 1/1/0/0", job.Outcome());
        Assert.Equal(
            ["known@example.com|Known|Person|Bergen|vip,old,import", "new@example.com||||a,b,VIP,import"], await ContactsAsync(client));
        Assert.Equal(";", job.Text("tag_delimiter"));
        Assert.Equal("""["VIP","import"]""", job.Text("add_tags"));
    }

    [Fact]
    public async Task Rows_match_on_the_field_that_is_named()
    {
        using var client = await KnownAsync();
        const string csv = "external_id,email,phone,city\next-1,other@example.com,,Rome\n,,(+1) 555-0100,Paris\n";
        var byId = await client.ImportAsync(csv, new { duplicate_strategy = "merge", match_on = "external_id" });
        Assert.Equal("completed 2: 1/1/0/0", byId.Outcome());
        Assert.Equal("external_id", byId.Text("match_on"));
        Assert.Equal(["other@example.com|Known|Person|Rome|vip,old", "|||Paris|"], await ContactsAsync(client));

        var byPhone = await client.ImportAsync("phone,city\n+1 555 01 00,Madrid\n", new { duplicate_strategy = "merge" });
        Assert.Equal(("phone", "completed 1: 0/0/0/1"), (byPhone.Text("match_on"), byPhone.Outcome()));
        Assert.Equal(["1 2 phone phone ambiguous_match +1 555 01 00"], await client.ErrorsAsync(byPhone.Id()));
    }

    [Fact]
    public async Task Rows_matched_on_id_update_or_fail_and_never_create()
    {
        using var client = await KnownAsync();
        var id = (await client.RecordsAsync())[0].Id();
        var missing = Guid.CreateVersion7();
        var job = await client.ImportAsync($"id,city\n{id},Rome\n{missing},Paris\n", new { duplicate_strategy = "merge", match_on = "id" });

        Assert.Equal("completed 2: 0/1/0/1", job.Outcome());
        Assert.Equal([$"2 3 id id not_found {missing}"], await client.ErrorsAsync(job.Id()));
        Assert.Equal(["known@example.com|Known|Person|Rome|vip,old"], await ContactsAsync(client));
    }

    [Fact]
    public async Task Without_a_match_field_every_row_creates_and_the_answer_warns()
    {
        using var client = await KnownAsync();
        var id = await client.UploadedAsync("first_name\nKnown\nKnown\n");
        var confirmed = (await client.ConfirmAsync(id, "first_name", new { duplicate_strategy = "merge" })).Result;
        Assert.Contains(
            "every row creates", Assert.Single(confirmed.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    private async Task<HttpClient> KnownAsync()
    {
        var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("contacts-create", new
        {
            email = "known@example.com",
            external_id = "ext-1",
            first_name = "Known",
            last_name = "Person",
            phone = "+15550100",
            job_title = "Engineer",
            city = "Bergen",
            tags = new[] { "vip", "old" },
        })).Result;
        return client;
    }

    private static async Task<string[]> ContactsAsync(HttpClient client) =>
    [
        .. (await client.RecordsAsync()).OrderBy(contact => contact.Text("email") ?? "~", StringComparer.OrdinalIgnoreCase)
            .Select(contact => string.Join('|', new[] { "email", "first_name", "last_name", "city" }.Select(field => contact.Text(field)))
            + "|" + string.Join(',', contact.Tags())),
    ];
}
