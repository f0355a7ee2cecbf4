using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Driftwood.Tests.Platform;

/// <summary>
/// Sends every route's example with each of its ids replaced: by an id that is nobody's, and by the ids of all kinds of things of another
/// account. The routes come from the service and the examples from its OpenAPI document, so a new route is part of it by itself.
/// </summary>
public sealed class IsolationMatrixTests(PostgresServer server) : IAsyncDisposable
{
    /// <summary>Stands in everything that the other account has.</summary>
    private const string Mark = "Fjordmark";

    private readonly TemporaryDatabase _database = new(server);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_id_of_another_account_is_answered_like_one_that_never_was_and_changes_nothing_there()
    {
        await using var app = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [
                ("Driftwood:Limits:ReadsPerSecond", "0"), ("Driftwood:Limits:WritesPerSecond", "0"),
                ("Driftwood:Jobs:MaxActiveJobsPerAccount", "10000"),
            ]);
        var (account, other) = (await app.CreateAccountAsync(), await app.CreateAccountAsync());
        using var client = app.CreateClient(account.Token);
        var foreign = await MakeOneOfEachAsync(app.CreateClient(other.Token), other);
        var before = await RowsOfAsync(other.AccountId);
        var text = await client.GetStringAsync(new Uri("/swagger/v1/swagger.json", UriKind.Relative), CancellationToken);
        var document = JsonNode.Parse(text)!;
        List<string> told = [];
        var (routes, members) = (0, 0);
        foreach (var route in Routes(app))
        {
            var example = ExampleOf(document, route.Name);
            var places = PlacesOf(route, example).ToList();
            if (places.Count > 0) routes++;
            foreach (var place in places)
            {
                members++;
                var expected = await AskAsync(client, route.Name, example, place, Guid.CreateVersion7());
                foreach (var (noun, id) in foreign)
                {
                    var answer = await AskAsync(client, route.Name, example, place, id);
                    if (answer != expected) told.Add($"{route.Name} {place}, {noun}: {answer}, but {expected} of nobody's.");
                }
            }
        }

        Assert.Empty(told);
        Assert.Equal(before, await RowsOfAsync(other.AccountId));
        // Most routes name something: the test would prove nothing if it found no ids.
        Assert.InRange(routes, 30, int.MaxValue);
        Assert.InRange(members, routes, int.MaxValue);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<List<(string Noun, Guid Id)>> MakeOneOfEachAsync(HttpClient owner, TestAccount account)
    {
        async Task<Guid> MakeAsync(string route, object body, string id = "id") =>
            (await owner.PostAsync(route, body)).Result.GetProperty(id).GetGuid();
        _ = (await owner.PostAsync("record-types-create", new { key = "fjordmarks", name = Mark })).Result;
        var contact = await MakeAsync("contacts-create", new { first_name = Mark, email = "mark@example.com" });
        List<(string, Guid)> made =
        [
            ("account", account.AccountId),
            ("user", account.UserId),
            ("token", account.TokenId),
            ("contact", contact),
            ("company", await MakeAsync("companies-create", new { name = Mark })),
            ("source", await MakeAsync("sources-create", new { name = Mark })),
            ("record", await MakeAsync("records-create", new { record_type = "fjordmarks", fields = new { name = Mark } })),
            ("field", await MakeAsync("fields-create", new { record_type = "contacts", key = "fjordmark", label = Mark, kind = "text" })),
            ("second token", await MakeAsync("tokens-create", new { name = Mark })),
            ("import", await MakeAsync(
                "imports-request-upload",
                new { model_type = "contacts", file_name = $"{Mark}.csv", content_type = "text/csv" }, id: "job_id")),
            ("profile", await MakeAsync(
                "import-profiles-create", new { name = Mark, model_type = "contacts", column_mapping = new { Email = "email" } })),
            ("pending bulk job", await MakeAsync(
                "bulk-jobs-create",
                new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact }, start = false, name = Mark })),
        ];
        return made;
    }

    private static IEnumerable<RpcRoute> Routes(DriftwoodApp app) =>
        app.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<RpcRoute>())
            .OfType<RpcRoute>()
            .OrderBy(route => route.Name, StringComparer.Ordinal);

    /// <summary>The example of a route's request. A route without a request is sent an empty object.</summary>
    private static JsonNode ExampleOf(JsonNode document, string route) =>
        document["paths"]![$"/api/{route}"]!["post"]!["requestBody"] is { } body
            ? body["content"]!["application/json"]!["examples"]!["example"]!["value"]!
            : new JsonObject();

    /// <summary>Where a request has ids: in its example, and in the members that the example leaves out.</summary>
    private static IEnumerable<string> PlacesOf(RpcRoute route, JsonNode example)
    {
        var given = IdsIn(example, "").ToList();
        var left = route.Request.Kind != ShapeKind.Object ? [] : route.Request.Members
            .Where(member => member.Value.Shape.Kind == ShapeKind.Uuid || IsListOfIds(member.Value.Shape))
            .Select(member => member.Key + (IsListOfIds(member.Value.Shape) ? ".0" : ""))
            .Where(place => !given.Contains(place));
        return given.Concat(left);
    }

    private static bool IsListOfIds(Shape shape) => shape.Kind == ShapeKind.List && shape.Element.Kind == ShapeKind.Uuid;

    private static IEnumerable<string> IdsIn(JsonNode? node, string place) => node switch
    {
        JsonObject members => members.SelectMany(member => IdsIn(member.Value, place.Length == 0 ? member.Key : $"{place}.{member.Key}")),
        JsonArray items => items.Index().SelectMany(item => IdsIn(item.Item, $"{place}.{item.Index}")),
        JsonValue value when value.TryGetValue(out string? text) && Guid.TryParse(text, out _) => [place],
        _ => [],
    };

    /// <summary>The answer in words, with the id that was sent left out.</summary>
    private static async Task<string> AskAsync(HttpClient client, string route, JsonNode example, string place, Guid id)
    {
        var body = example.DeepClone();
        Put(body, place.Split('.'), id);
        var answer = await client.PostAsync(route, body.ToJsonString());
        Assert.DoesNotContain(Mark, answer.Text, StringComparison.Ordinal);
        if (answer.Status == HttpStatusCode.OK) return "200";
        var details = string.Join("; ", answer.Error.GetProperty("details").EnumerateArray().Select(detail => detail.GetRawText()));
        return $"{(int)answer.Status} {answer.Code} {answer.Error.GetProperty("message")} {details}"
            .Replace($"{id}", "ID", StringComparison.Ordinal);
    }

    private static void Put(JsonNode body, string[] path, Guid id)
    {
        var at = body;
        foreach (var (index, step) in path[..^1].Index())
        {
            if (int.TryParse(step, out var item)) at = at[item]!;
            else at = at[step] ??= path[index + 1] == "0" ? new JsonArray() : new JsonObject();
        }

        if (!int.TryParse(path[^1], out var last)) at[path[^1]] = id;
        else if (last < at.AsArray().Count) at[last] = id;
        else at.AsArray().Add(id);
    }

    /// <summary>Everything that the database has of an account.</summary>
    private async Task<Dictionary<string, string>> RowsOfAsync(Guid account)
    {
        await using var database = NpgsqlDataSource.Create(_database.ConnectionString);
        List<string> tables = [];
        await using (var command = database.CreateCommand(
            """
            select c.table_name from information_schema.columns c
            join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
            where c.table_schema = 'public' and c.column_name = 'account_id' and t.table_type = 'BASE TABLE'
            """))
        await using (var reader = await command.ExecuteReaderAsync(CancellationToken))
        {
            while (await reader.ReadAsync(CancellationToken)) tables.Add(reader.GetString(0));
        }

        Dictionary<string, string> rows = [];
        foreach (var table in tables)
        {
            await using var command = database.CreateCommand(
                $"select coalesce(string_agg(t::text, chr(10) order by t::text), '') from \"{table}\" t where account_id = $1");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
            rows[table] = (string)(await command.ExecuteScalarAsync(CancellationToken))!;
        }

        Assert.NotEmpty(rows);
        return rows;
    }
}
