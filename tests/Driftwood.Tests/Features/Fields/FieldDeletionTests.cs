using System.Net;

namespace Driftwood.Tests.Features.Fields;

public sealed class FieldDeletionTests(FieldsApp app) : IClassFixture<FieldsApp>
{
    private const int Records = 40;

    [Fact]
    public async Task Values_and_keys_are_gone_in_the_end_and_all_else_stays()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var kept = await client.CreateFieldAsync("kept");
        var doomed = await client.CreateFieldAsync("doomed");
        var slot = await app.SlotAsync(doomed);
        for (var i = 0; i < Records; i++)
        {
            await app.AddContactAsync(account, $$"""{"{{slot}}": "v{{i}}", "{{await app.SlotAsync(kept)}}": {{i}}}""");
        }
        await app.AddContactAsync(account, "{}");
        _ = (await client.SetUniqueAsync(doomed, true)).Result;
        var before = await ContactsAsync(account, slot);

        var deleted = (await client.PostAsync("fields-delete", new { id = doomed.Id() })).Result;

        Assert.Equal($$"""{"id":"{{doomed.Id()}}","deleted":true}""", deleted.GetRawText());
        Assert.Equal(["kept"], await client.KeysAsync(new { }));
        (await client.PostAsync("fields-get", new { id = doomed.Id() })).Expect(HttpStatusCode.NotFound, "not_found");
        (await client.PostAsync("fields-update", new { id = doomed.Id(), label = "x" })).Expect(HttpStatusCode.NotFound, "not_found");
        (await client.PostAsync("fields-delete", new { id = doomed.Id() })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(["completed 81"], await JobAsync(account));
        Assert.Equal(before, await ContactsAsync(account, slot));
        Assert.Equal(
            ["0"], await app.RowsAsync(
            "select count(*)::text from contacts where account_id = @account and custom ? @slot", ("account", account.AccountId),
            ("slot", $"{slot}")));
        Assert.Empty(await app.UniqueValuesAsync(doomed.Id()));
        Assert.Empty(await app.RowsAsync("select key from fields where id = @id", ("id", doomed.Id())));
    }

    [Fact]
    public async Task The_job_is_nobodys_to_see_or_to_wait_for()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var field = await client.CreateFieldAsync("doomed");
        _ = (await client.PostAsync("fields-delete", new { id = field.Id() })).Result;
        var job = Guid.Parse(
            Assert.Single(await app.RowsAsync("select id::text from jobs where account_id = @account", ("account", account.AccountId))));

        foreach (var noun in new[] { "imports", "bulk-jobs" })
        {
            Assert.Equal(0, (await client.PostAsync($"{noun}-list", new { })).Result.GetProperty("items").GetArrayLength());
            (await client.PostAsync($"{noun}-get", new { id = job })).Expect(HttpStatusCode.NotFound, "not_found");
        }

        Assert.Equal(["completed 1"], await JobAsync(account));
    }

    [Fact]
    public async Task A_field_made_anew_under_the_key_does_not_get_the_values()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var first = await client.CreateFieldAsync("code", unique: true);
        for (var i = 0; i < Records; i++) await app.AddContactAsync(account, $$"""{"{{await app.SlotAsync(first)}}": "v{{i}}"}""");
        _ = (await client.PostAsync("fields-delete", new { id = first.Id() })).Result;

        var second = await client.CreateFieldAsync("code");
        _ = (await client.SetUniqueAsync(second, true)).Result;
        Assert.Empty(await app.UniqueValuesAsync(second.Id()));
        Assert.Equal(["completed 41"], await JobAsync(account));
        Assert.Equal(["code"], await client.KeysAsync(new { }));
    }

    [Fact]
    public async Task Another_accounts_values_under_the_same_slot_stay()
    {
        var account = await app.CreateAccountAsync();
        var other = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var field = await client.CreateFieldAsync("code");
        var slot = await app.SlotAsync(field);
        await app.AddContactAsync(account, $$"""{"{{slot}}": "mine"}""");
        await app.AddContactAsync(other, $$"""{"{{slot}}": "theirs"}""");

        _ = (await client.PostAsync("fields-delete", new { id = field.Id() })).Result;

        Assert.Equal(["completed 2"], await JobAsync(account));
        Assert.Equal(
            ["theirs"],
            await app.RowsAsync(
            "select custom ->> @slot from contacts where account_id = @other", ("slot", $"{slot}"), ("other", other.AccountId)));
    }

    [Fact]
    public async Task Values_of_a_custom_types_records_go_and_those_of_another_type_stay()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        foreach (var key in new[] { "tickets", "bikes" })
        {
            _ = (await client.PostAsync("record-types-create", new { key, name = key })).Result;
            await app.AddRecordAsync(account, key, key, key);
        }

        var field = await client.CreateFieldAsync("code", type: "tickets");
        await app.ExecuteAsync(
            "update custom_records set custom = jsonb_build_object(@slot, 1) where account_id = @account",
            ("slot", $"{await app.SlotAsync(field)}"), ("account", account.AccountId));
        _ = (await client.PostAsync("fields-delete", new { id = field.Id() })).Result;

        Assert.Equal(["completed 2"], await JobAsync(account));
        Assert.Equal(
            ["bikes {\"1\": 1}", "tickets {}"],
            await app.RowsAsync(
            "select name || ' ' || custom from custom_records where account_id = @account order by name", ("account", account.AccountId)));
    }

    /// <summary>The status and the processed count of the account's one maintenance job after its end.</summary>
    private Task<List<string>> JobAsync(TestAccount account) => Eventually.GetAsync(
        () => app.RowsAsync(
            """
            select j.status || ' ' || l.processed from jobs j join lanes l on l.account_id = j.account_id and l.job_id = j.id
            where j.account_id = @account and j.kind = 'maintenance'
            """,
            ("account", account.AccountId)),
        rows => !rows[0].StartsWith("processing", StringComparison.Ordinal));

    /// <summary>Every stored contact, without the value of one slot.</summary>
    private Task<List<string>> ContactsAsync(TestAccount account, int slot) => app.RowsAsync(
        "select (to_jsonb(c) || jsonb_build_object('custom', c.custom - @slot))::text from contacts c where account_id = @account order by "
            + "id",
        ("account", account.AccountId), ("slot", $"{slot}"));
}
