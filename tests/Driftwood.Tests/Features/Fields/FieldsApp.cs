using System.Text.Json;
using Npgsql;

namespace Driftwood.Tests.Features.Fields;

/// <summary>The API on the test class's own database. Chunks are so small that twenty records make several.</summary>
public sealed class FieldsApp(PostgresServer server) : DatabasePerClass(server)
{
    private int _ids;

    private DriftwoodApp _app = null!;

    internal IServiceProvider Services => _app.Services;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _app = await DriftwoodApp.StartAsync(ConnectionString, [("Driftwood:Jobs:ChunkRows", "7"), ("Driftwood:Jobs:SweepSeconds", "1")]);
    }

    /// <summary>Makes a client of a new, empty account.</summary>
    public async Task<HttpClient> CreateClientAsync() => CreateClient(await CreateAccountAsync());

    internal Task<TestAccount> CreateAccountAsync(params string[] scopes) => _app.CreateAccountAsync(scopes);

    internal HttpClient CreateClient(TestAccount account) => _app.CreateClient(account.Token);

    /// <summary>Makes a client without a token.</summary>
    public HttpClient CreateStranger() => _app.CreateClient();

    /// <summary>Makes a contact with this custom object.</summary>
    internal async Task<Guid> AddContactAsync(TestAccount account, string custom)
    {
        var id = NextId();
        await ExecuteAsync(
            """
            insert into contacts (account_id, id, first_name, custom, created_at, created_by, updated_at, updated_by)
            values (@account, @id, 'Jane', @custom::jsonb, now() - interval '1 day', @user, now() - interval '1 day', @user)
            """,
            ("account", account.AccountId), ("id", id), ("custom", custom), ("user", account.UserId));
        return id;
    }

    // Ids made within one millisecond have no order of their own.
    private Guid NextId() => Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddYears(50).AddMilliseconds(Interlocked.Increment(ref _ids)));

    /// <summary>Makes a record of a custom type.</summary>
    internal async Task<Guid> AddRecordAsync(TestAccount account, string type, string name, string nameKey)
    {
        var id = NextId();
        await ExecuteAsync(
            """
            insert into custom_records (account_id, type_id, id, name, name_key, created_at, created_by, updated_at, updated_by)
            select @account, t.id, @id, @name, @name_key, now(), @user, now(), @user from record_types t where t.account_id = @account
                and t.key = @type
            """,
            ("account", account.AccountId), ("id", id), ("type", type), ("name", name), ("name_key", nameKey), ("user", account.UserId));
        return id;
    }

    /// <summary>The slot that stores a field's values.</summary>
    public async Task<int> SlotAsync(JsonElement field) =>
        int.Parse(
            Assert.Single(await RowsAsync("select slot::text from fields where id = @id", ("id", field.GetProperty("id").GetGuid()))),
            System.Globalization.CultureInfo.InvariantCulture);

    /// <summary><c>key record</c> of each unique value of a field or of a type's names.</summary>
    public Task<List<string>> UniqueValuesAsync(Guid fieldId) =>
        RowsAsync("select key || ' ' || record_id from unique_values where field_id = @id order by key", ("id", fieldId));

    /// <summary>Asks the database for data that no route returns.</summary>
    public async Task<List<string>> RowsAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<string> rows = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(reader.GetString(0));
        return rows;
    }

    public async Task ExecuteAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        await base.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, (string Name, object Value)[] parameters)
    {
        var command = DataSource.CreateCommand(sql);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}

/// <summary>The steps with custom fields, as a caller takes them.</summary>
internal static class FieldSteps
{
    public static async Task<JsonElement> CreateFieldAsync(
        this HttpClient client, string key, string kind = "text", string type = "contacts", bool unique = false) =>
        (await client.PostAsync("fields-create", new { record_type = type, key, kind, unique })).Result;

    public static Task<Answer> SetUniqueAsync(this HttpClient client, JsonElement field, bool unique) =>
        client.PostAsync("fields-update", new { id = field.Id(), unique });

    public static async Task<string[]> KeysAsync(this HttpClient client, object request) =>
        [.. (await client.PostAsync("fields-list", request)).Result.GetProperty("items").EnumerateArray()
            .Select(field => field.GetProperty("key").GetString()!)];

    public static Guid Id(this JsonElement thing) => thing.GetProperty("id").GetGuid();
}
