using System.Net;
using System.Text.Json;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Features.Fields;

public sealed class UniqueFieldTests(FieldsApp app) : IClassFixture<FieldsApp>, IAsyncLifetime
{
    private TestAccount _account = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _account = await app.CreateAccountAsync();
        _client = app.CreateClient(_account);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("text", "\"B 7\"", "B 7", "\"b 7\"", "b 7")]
    [InlineData("email", "\"Ann@X.io\"", "ann@x.io", "\"bob@x.io\"", "bob@x.io")]
    [InlineData("phone", "\"+47 (22) 33\"", "+472233", "\"47 22 33\"", "472233")]
    [InlineData("decimal", "12.50", "12.5", "12", "12")]
    [InlineData("integer", "12", "12", "-3", "-3")]
    [InlineData("date", "\"2025-01-31\"", "2025-01-31", "\"2025-02-01\"", "2025-02-01")]
    [InlineData(
        "datetime", "\"2025-01-31T10:00:00.000000Z\"", "2025-01-31T10:00:00.000000Z", "\"2025-01-31T10:00:00.000001Z\"",
        "2025-01-31T10:00:00.000001Z")]
    [InlineData("url", "\"https://x.io\"", "https://x.io", "\"x.io\"", "x.io")]
    public async Task Switching_on_enters_the_values_there_are(string kind, string one, string oneKey, string other, string otherKey)
    {
        var (field, slot) = await CreateAsync(kind);
        string[] entered =
        [
            $"{oneKey} {await app.AddContactAsync(_account, $$"""{"{{slot}}": {{one}}, "9": 1}""")}",
            $"{otherKey} {await app.AddContactAsync(_account, $$"""{"{{slot}}": {{other}}}""")}",
        ];
        await app.AddContactAsync(_account, "{}");

        Assert.True((await _client.SetUniqueAsync(field, true)).Result.GetProperty("unique").GetBoolean());
        Assert.Equal(entered.Order(StringComparer.Ordinal), (await app.UniqueValuesAsync(field.Id())).Order(StringComparer.Ordinal));
        // Setting the field to unique again changes nothing.
        _ = (await _client.SetUniqueAsync(field, true)).Result;
        Assert.Equal(2, (await app.UniqueValuesAsync(field.Id())).Count);
    }

    [Fact]
    public async Task Values_that_records_share_are_listed_and_nothing_changes()
    {
        var (field, slot) = await CreateAsync("email");
        foreach (var email in new[] { "ann@x.io", "Bob@x.io", "ANN@x.io", "carl@x.io", "Ann@x.io", "bob@X.io", "ann@X.IO" })
        {
            await app.AddContactAsync(_account, $$"""{"{{slot}}": "{{email}}"}""");
        }

        var first = await app.RowsAsync(
            "select id::text from contacts where account_id = @account and lower(custom ->> @slot) = 'ann@x.io' order by id",
                ("account", _account.AccountId), ("slot", slot));
        var refused = (await _client.SetUniqueAsync(field, true)).Expect(HttpStatusCode.Conflict, "duplicate_values");

        Assert.Equal(["unique: duplicate_value", "unique: duplicate_value"], refused.Details);
        var messages = refused.Error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("message").GetString()!)
            .ToList();
        Assert.Equal($"\"ann@x.io\" in 4 records: {string.Join(", ", first.Take(3))}, ….", messages[0]);
        Assert.StartsWith("\"Bob@x.io\" in 2 records: ", messages[1], StringComparison.Ordinal);
        Assert.EndsWith(".", messages[1], StringComparison.Ordinal);
        Assert.DoesNotContain("…", messages[1], StringComparison.Ordinal);
        Assert.Empty(await app.UniqueValuesAsync(field.Id()));
        Assert.Equal(field.GetRawText(), (await _client.PostAsync("fields-get", new { id = field.Id() })).Result.GetRawText());
    }

    [Fact]
    public async Task At_most_twenty_shared_values_are_listed()
    {
        var (field, slot) = await CreateAsync("integer");
        for (var i = 0; i < 50; i++) await app.AddContactAsync(_account, $$"""{"{{slot}}": {{i / 2}}}""");
        Assert.Equal(20, (await _client.SetUniqueAsync(field, true)).Expect(HttpStatusCode.Conflict, "duplicate_values").Details.Length);
    }

    [Fact]
    public async Task Values_too_long_for_unique_ones_are_listed()
    {
        var (field, slot) = await CreateAsync("text");
        await app.AddContactAsync(
            _account, $$"""{"{{slot}}": "{{string.Concat(Enumerable.Repeat("\U0001F600", CustomFields.MaxUniqueLength))}}"}""");
        var record = await app.AddContactAsync(_account, $$"""{"{{slot}}": "{{new string('x', CustomFields.MaxUniqueLength + 1)}}"}""");

        var refused = (await _client.SetUniqueAsync(field, true)).Expect(HttpStatusCode.Conflict, "too_long");

        Assert.Equal(["unique: too_long"], refused.Details);
        Assert.Equal($"\"{new string('x', 60)}…\" in record {record}.", refused.Detail("unique").GetProperty("message").GetString());
        await app.ExecuteAsync("delete from contacts where id = @id", ("id", record));
        _ = (await _client.SetUniqueAsync(field, true)).Result;
        Assert.Single(await app.UniqueValuesAsync(field.Id()));
    }

    [Fact]
    public async Task Switching_off_lets_values_be_shared()
    {
        var (field, slot) = await CreateAsync("text");
        await app.AddContactAsync(_account, $$"""{"{{slot}}": "a"}""");
        _ = (await _client.SetUniqueAsync(field, true)).Result;
        Assert.Single(await app.UniqueValuesAsync(field.Id()));

        Assert.False((await _client.SetUniqueAsync(field, false)).Result.GetProperty("unique").GetBoolean());
        Assert.Empty(await app.UniqueValuesAsync(field.Id()));
        await app.AddContactAsync(_account, $$"""{"{{slot}}": "a"}""");
        (await _client.SetUniqueAsync(field, true)).Expect(HttpStatusCode.Conflict, "duplicate_values");
    }

    [Fact]
    public async Task More_records_than_a_page_are_all_entered()
    {
        const int Records = 20_001;
        var (field, slot) = await CreateAsync("integer");
        await app.ExecuteAsync(
            """
            insert into contacts (account_id, id, first_name, custom, created_at, created_by, updated_at, updated_by)
            select @account, gen_random_uuid(), 'Jane', jsonb_build_object(@slot, n), now(), @user, now(), @user
                from generate_series(1, @records) n
            """,
            ("account", _account.AccountId), ("slot", slot), ("user", _account.UserId), ("records", Records));

        _ = (await _client.SetUniqueAsync(field, true)).Result;
        Assert.Equal(Records, (await app.UniqueValuesAsync(field.Id())).Count);
    }

    [Fact]
    public async Task Another_accounts_values_do_not_count()
    {
        var (field, slot) = await CreateAsync("text");
        var other = await app.CreateAccountAsync();
        var record = await app.AddContactAsync(_account, $$"""{"{{slot}}": "a"}""");
        await app.AddContactAsync(other, $$"""{"{{slot}}": "a"}""");
        _ = (await _client.SetUniqueAsync(field, true)).Result;
        Assert.Equal([$"a {record}"], await app.UniqueValuesAsync(field.Id()));
    }

    [Fact]
    public async Task Names_of_a_custom_type_become_unique_and_shared_again()
    {
        var type = (await _client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        var typeId = Guid.Parse(
            Assert.Single(
            await app.RowsAsync("select id::text from record_types where account_id = @account", ("account", _account.AccountId))));
        var first = await app.AddRecordAsync(_account, "tickets", "Leak", "leak");
        var second = await app.AddRecordAsync(_account, "tickets", "LEAK ", "leak");

        var refused = (await _client.PostAsync("record-types-update", new { key = "tickets", name_is_unique = true }))
            .Expect(HttpStatusCode.Conflict, "duplicate_values");
        Assert.Equal($"\"Leak\" in 2 records: {first}, {second}.", refused.Detail("name_is_unique").GetProperty("message").GetString());
        Assert.Equal(type.GetRawText(), (await _client.PostAsync("record-types-get", new { key = "tickets" })).Result.GetRawText());

        await app.ExecuteAsync("delete from custom_records where id = @id", ("id", second));
        var unique = (await _client.PostAsync("record-types-update", new { key = "tickets", name_is_unique = true })).Result;
        Assert.True(unique.GetProperty("name_is_unique").GetBoolean());
        Assert.Equal([$"leak {first}"], await app.UniqueValuesAsync(typeId));
        _ = (await _client.PostAsync("record-types-update", new { key = "tickets", name_is_unique = false })).Result;
        Assert.Empty(await app.UniqueValuesAsync(typeId));
    }

    private async Task<(JsonElement Field, string Slot)> CreateAsync(string kind)
    {
        var field = await _client.CreateFieldAsync("code", kind);
        return (field, $"{await app.SlotAsync(field)}");
    }
}
