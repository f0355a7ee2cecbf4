using System.Net;
using System.Text.Json;

namespace Driftwood.Tests.Features.Fields;

public sealed class FieldsTests(FieldsApp app) : IClassFixture<FieldsApp>
{
    [Fact]
    public async Task A_field_is_answered_whole_with_what_was_left_out_filled_in()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var created = (
            await client.PostAsync("fields-create", """{"record_type": "contacts", "key": "deal_size", "kind": "decimal"}""")).Result;

        string[] members = [
            "id", "record_type", "key", "label", "kind", "required", "unique", "options", "created_at", "created_by", "updated_at",
            "updated_by"];
        Assert.Equal(members, created.EnumerateObject().Select(member => member.Name));
        Assert.Equal("Deal Size", created.GetProperty("label").GetString());
        Assert.False(created.GetProperty("required").GetBoolean());
        Assert.False(created.GetProperty("unique").GetBoolean());
        Assert.Equal("[]", created.GetProperty("options").GetRawText());
        Assert.Equal(account.UserId, created.GetProperty("created_by").GetGuid());
        Assert.Equal(7, created.Id().Version);
        Assert.Equal(created.GetRawText(), (await client.PostAsync("fields-get", new { id = created.Id() })).Result.GetRawText());
    }

    [Theory]
    [InlineData("__", "__")]
    [InlineData("vat_id", "Vat Id")]
    [InlineData("_x__2y", "X 2Y")]
    public async Task The_label_comes_from_the_key(string key, string label)
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal(label, (await client.CreateFieldAsync(key)).GetProperty("label").GetString());
    }

    [Fact]
    public async Task Every_kind_can_be_made()
    {
        using var client = await app.CreateClientAsync();
        foreach (var kind in new[] { "text", "integer", "decimal", "boolean", "date", "datetime", "url", "email", "phone", "tags" })
        {
            Assert.Equal(kind, (await client.CreateFieldAsync("a_" + kind, kind)).GetProperty("kind").GetString());
        }

        var choice = (
            await client.PostAsync(
            "fields-create",
            """
            {"record_type": "contacts", "key": "tier", "kind": "choice", "label": " Tier\u00A0", "options": [" Gold", "Silver\u00A0\uFEFF"]}
            """)).Result;
        Assert.Equal("""["Gold","Silver"]""", choice.GetProperty("options").GetRawText());
        Assert.Equal("Tier", choice.GetProperty("label").GetString());
    }

    [Fact]
    public async Task The_same_key_can_be_had_by_each_type_and_account()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        await client.CreateFieldAsync("tier");
        await client.CreateFieldAsync("tier", type: "companies");
        await other.CreateFieldAsync("tier");
        (await client.PostAsync("fields-create", """{"record_type": "contacts", "key": "tier", "kind": "date"}"""))
            .Expect(HttpStatusCode.Conflict, "already_exists");
    }

    [Fact]
    public async Task Of_sixteen_creates_of_one_key_at_once_one_succeeds()
    {
        using var client = await app.CreateClientAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            client.PostAsync("fields-create", """{"record_type": "companies", "key": "tier", "kind": "text"}""")));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(
            answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
            answer.Expect(HttpStatusCode.Conflict, "already_exists"));
        Assert.Equal(["tier"], await client.KeysAsync(new { record_type = "companies" }));
    }

    [Fact]
    public async Task Parallel_creates_get_slots_of_their_own()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => client.CreateFieldAsync($"f{i}")));
        var slots = await app.RowsAsync(
            "select slot::text from fields where account_id = @account order by fields.slot", ("account", account.AccountId));
        Assert.Equal(Enumerable.Range(1, 12).Select(slot => $"{slot}"), slots);
    }

    [Fact]
    public async Task A_slot_is_never_given_again()
    {
        using var client = await app.CreateClientAsync();
        var first = await client.CreateFieldAsync("tier");
        Assert.Equal(1, await app.SlotAsync(first));
        _ = (await client.PostAsync("fields-delete", new { id = first.Id() })).Result;
        await GoneAsync(first);
        var second = await client.CreateFieldAsync("tier");
        Assert.Equal(2, await app.SlotAsync(second));
        Assert.NotEqual(first.Id(), second.Id());
    }

    [Fact]
    public async Task Lists_are_in_the_order_of_making_by_type_and_page_by_page()
    {
        using var client = await app.CreateClientAsync();
        foreach (var key in new[] { "c", "a", "b" }) await client.CreateFieldAsync(key);
        await client.CreateFieldAsync("d", type: "sources");
        // Ids made within one millisecond have no order.
        Assert.Equal(["a", "b", "c"], (await client.KeysAsync(new { record_type = "contacts" })).Order());
        Assert.Equal(["d"], await client.KeysAsync(new { record_type = "sources" }));
        Assert.Empty(await client.KeysAsync(new { record_type = "companies" }));

        var all = await client.KeysAsync(new { });
        List<string> seen = [];
        string? cursor = null;
        do
        {
            var page = (await client.PostAsync("fields-list", new { limit = 3, cursor })).Result;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(field => field.GetProperty("key").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(all, seen);
        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public async Task An_update_changes_what_it_names_and_nothing_else()
    {
        using var client = await app.CreateClientAsync();
        var field = (
            await client.PostAsync(
            "fields-create", """{"record_type": "contacts", "key": "tier", "kind": "choice", "options": ["Gold", "Silver"]}""")).Result;

        var labelled = (await client.PostAsync("fields-update", new { id = field.Id(), label = " Level " })).Result;
        Assert.Equal("Level", labelled.GetProperty("label").GetString());
        Assert.Equal("""["Gold","Silver"]""", labelled.GetProperty("options").GetRawText());
        var required = (await client.PostAsync("fields-update", new { id = field.Id(), required = true, label = (string?)null })).Result;
        Assert.True(required.GetProperty("required").GetBoolean());
        Assert.Equal("Level", required.GetProperty("label").GetString());
        var fewer = (await client.PostAsync("fields-update", new { id = field.Id(), options = new[] { "gold " } })).Result;
        Assert.Equal("""["gold"]""", fewer.GetProperty("options").GetRawText());
        Assert.Equal(field.GetProperty("created_at").GetRawText(), fewer.GetProperty("created_at").GetRawText());
        Assert.Equal(fewer.GetRawText(), (await client.PostAsync("fields-get", new { id = field.Id() })).Result.GetRawText());
    }

    [Fact]
    public async Task Every_change_makes_the_types_version_a_new_one()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        HashSet<string> versions = [];
        async Task ChangedAsync() => Assert.True(versions.Add(Assert.Single(
            await app.RowsAsync(
                "select version::text from record_schemas where account_id = @account and record_type = 'contacts'",
                ("account", account.AccountId)))));

        var field = await client.CreateFieldAsync("tier");
        await ChangedAsync();
        await client.CreateFieldAsync("other");
        await ChangedAsync();
        _ = (await client.PostAsync("fields-update", new { id = field.Id(), label = "Level" })).Result;
        await ChangedAsync();
        _ = (await client.SetUniqueAsync(field, true)).Result;
        await ChangedAsync();
        _ = (await client.PostAsync("fields-delete", new { id = field.Id() })).Result;
        await ChangedAsync();
    }

    [Fact]
    public async Task A_change_waits_for_writers_under_way_and_gives_up_in_time()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var field = await client.CreateFieldAsync("tier");
        await using var writer = await app.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await writer.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var types = new Driftwood.Engine.Records.Types.RecordTypeCatalog(app.DataSource);
        var contacts = (await types.FindAsync(account.AccountId, "contacts", TestContext.Current.CancellationToken))!;
        await Driftwood.Engine.Records.Types.RecordSchemaLock.HoldAsync(
            writer, account.AccountId, contacts, TestContext.Current.CancellationToken);

        (await client.PostAsync("fields-update", new { id = field.Id(), label = "Level" }))
            .Expect(HttpStatusCode.ServiceUnavailable, "database_busy");
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        _ = (await client.PostAsync("fields-update", new { id = field.Id(), label = "Level" })).Result;
    }

    [Fact]
    public async Task The_same_request_under_one_key_makes_one_field()
    {
        using var client = await app.CreateClientAsync();
        const string Body = """{"record_type": "contacts", "key": "tier", "kind": "text"}""";
        var first = await client.PostAsync("fields-create", Body, ("Idempotency-Key", "k"));
        var second = await client.PostAsync("fields-create", Body, ("Idempotency-Key", "k"));
        Assert.Equal(first.Result.GetRawText(), second.Result.GetRawText());
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
    }

    private Task<List<string>> GoneAsync(JsonElement field) =>
        Eventually.GetAsync(() => app.RowsAsync("select key from fields where id = @id", ("id", field.Id())), rows => rows.Count == 0);
}
