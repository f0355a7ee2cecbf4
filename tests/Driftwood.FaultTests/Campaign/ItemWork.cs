using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.FaultTests.Campaign;

/// <summary>A bulk job with its own values for each contact. It applies them one after the other.</summary>
internal sealed class ItemWork : Work
{
    private readonly string _operation;
    private readonly string _matchOn;
    private readonly JsonArray _items = [];
    private readonly List<string> _outcomes = [];
    private readonly bool _areAllNamed;
    private int _created;
    private int _unchanged;
    private Door _door = Door.Native;

    private ItemWork(string operation, string matchOn, bool areAllNamed, ContactBook before) =>
        (_operation, _matchOn, _areAllNamed, After) = (operation, matchOn, areAllNamed, before.Copy());

    public override string Name => $"{_door.Name}: {_operation} of {Rows} items on {_matchOn}";

    public override Door Through => _door;

    public override int Rows => _items.Count;

    public override ContactBook After { get; }

    public override int Created => _created;

    public override string GetRoute => "bulk-jobs-get";

    public static ItemWork Make(Random random, ContactBook book, People people, int count)
    {
        var work = random.Next(3) switch
        {
            0 => new ItemWork(random.Next(2) == 0 ? "create" : "update", "external_id", random.Next(2) == 0, book),
            1 => new ItemWork("upsert", "external_id", areAllNamed: true, book),
            _ => new ItemWork("upsert", random.Next(2) == 0 ? "email" : "external_id", random.Next(2) == 0, book),
        };
        // Small jobs, and those whose items all have an external ID, can be said through other services.
        if (random.Next(3) > 0) count = Math.Min(count, work._operation == "upsert" ? 1_000 : 100);
        Contact[] there = [.. book.All];
        for (var i = 0; i < count; i++) work.Add(random, there, people);
        work._door = AnyDoor(random, work.Request);
        return work;
    }

    private JsonObject Request
    {
        get
        {
            JsonObject job = new() { ["entity_type"] = "contacts", ["operation"] = _operation, ["items"] = _items.DeepClone() };
            if (_operation == "upsert") job["params"] = new JsonObject { ["match_on"] = _matchOn };
            return job;
        }
    }

    public override Task<Guid> StartAsync(Caller caller) => caller.StartAsync(_door, Request);

    public override Progress Read(JsonElement job) => BulkWork.ReadBulk(job);

    public override async Task<IReadOnlyList<string>> DifferencesAsync(Caller caller, JsonElement job)
    {
        var failed = _outcomes.Count(outcome => !outcome.EndsWith(" done", StringComparison.Ordinal));
        var expected = new Progress("completed", Rows, Rows, [Rows - _unchanged - failed, _unchanged, failed]);
        var results = await caller.AllAsync("bulk-jobs-results", new { id = job.GetProperty("id").GetGuid() });
        List<string> differences = [.. Compare("outcomes", _outcomes, [.. results.Select(Show)])];
        if (Read(job).ToString() != expected.ToString())
        {
            differences.Add($"{Read(job)}, expected {expected}: {job.GetProperty("error_message")}");
        }
        return differences;
    }

    private static string Show(JsonElement result) =>
        $"{result.GetProperty("index")} "
            + $"{(result.GetProperty("outcome").GetString() == "succeeded" ? "done" : result.GetProperty("code").GetString())}";

    private void Add(Random random, Contact[] there, People people)
    {
        var known = there.Length > 0 && random.Next(4) > 0 ? there[random.Next(there.Length)] : null;
        var number = random.Next(3) > 0 ? people.New() : people.Any();
        JsonObject item = [];
        if (_operation == "update" && random.Next(2) == 0) item["id"] = known?.Id ?? Guid.CreateVersion7();
        else if (_operation == "update") item["external_id"] = known?.ExternalId ?? People.ExternalId(number);
        else if (_operation == "upsert" && known is not null && random.Next(2) == 0) item[_matchOn] = _matchOn == "email" ? known.Email
            : known.ExternalId;
        if (item.Count == 0 || random.Next(5) == 0) item["email"] = random.Next(30) == 0 ? "broken@@example.com" : People.Email(number);
        var isNamed = _operation != "update" && item["external_id"] is null && (_areAllNamed || random.Next(3) == 0);
        if (isNamed) item["external_id"] = People.ExternalId(number);
        if (random.Next(3) == 0) item["first_name"] = random.Next(6) == 0 ? null : $"Item {number}";
        item["city"] = people.City();
        if (random.Next(4) == 0) item["tags"] = new JsonArray([.. people.Tags().Select(tag => (JsonNode)tag)]);
        _outcomes.Add($"{_items.Count} {Apply(item) ?? "done"}");
        _items.Add(item);
    }

    /// <summary>Applies an item. Returns the failure, or null on success.</summary>
    private string? Apply(JsonObject item)
    {
        if (Text(item, "email")?.Contains("@@", StringComparison.Ordinal) == true) return "invalid_email";
        if (_operation == "update" && item["id"] is null && item["external_id"] is null) return "required";
        var before = Match(item);
        if (before is null && _operation == "update") return "not_found";
        var after = before?.Copy() ?? new Contact();
        if (item.ContainsKey("email")) after.Email = Text(item, "email");
        if (item.ContainsKey("external_id")) after.ExternalId = Text(item, "external_id");
        if (item.ContainsKey("first_name")) after.FirstName = Text(item, "first_name");
        after.City = Text(item, "city");
        if (item["tags"] is JsonArray tags) after.Tags = [.. tags.Select(tag => tag!.GetValue<string>())];
        if (!after.SaysWho) return "required";
        if (IsAnothers(After.ByEmail(Text(item, "email")), before) || IsAnothers(After.ByExternalId(Text(item, "external_id")), before))
        {
            return "duplicate_value";
        }
        if (before is null)
        {
            After.Add(after);
            _created++;
        }
        else
        {
            if (after.HasValuesOf(before)) _unchanged++;
            After.Replace(before, after);
        }

        return null;
    }

    private Contact? Match(JsonObject item) => _operation switch
    {
        "create" => null,
        "update" when item["id"] is { } id => After.ById(id.GetValue<Guid>()),
        "update" => After.ByExternalId(Text(item, "external_id")),
        _ => _matchOn == "email" ? After.ByEmail(Text(item, "email")) : After.ByExternalId(Text(item, "external_id")),
    };

    private static bool IsAnothers(Contact? owner, Contact? mine) => owner is not null && owner != mine;

    private static string? Text(JsonObject item, string member) => item[member]?.GetValue<string>();
}
