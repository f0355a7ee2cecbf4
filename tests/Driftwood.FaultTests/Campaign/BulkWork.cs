using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.FaultTests.Campaign;

/// <summary>A bulk job that applies one operation to the contacts of a selection.</summary>
internal sealed class BulkWork : Work
{
    private readonly BulkSelection _selection;
    private readonly string _operation;
    private readonly JsonObject _params;
    private readonly List<string> _failures = [];
    private readonly int _unchanged;
    private readonly JsonObject _request;
    private readonly Door _door;

    private BulkWork(
        Random random, BulkSelection selection, string operation, JsonObject parameters, ContactBook before, Func<Contact, Contact?> apply)
    {
        (_selection, _operation, _params) = (selection, operation, parameters);
        _request = new() { ["entity_type"] = "contacts", ["operation"] = operation, [selection.Kind] = selection.Named.DeepClone() };
        if (parameters.Count > 0) _request["params"] = parameters.DeepClone();
        // Nobody else writes to the account, so the number that the book knows is the one that the service finds.
        if (selection.IsFound) _request["expected_count"] = selection.Targets.Count;
        // Another service refuses a query that finds more.
        _door = selection.Targets.Count > Door.MaxFound ? Door.Native : AnyDoor(random, _request);
        After = before.Copy();
        foreach (var (id, label) in selection.Targets)
        {
            if (id is null || After.ById(id.Value) is not { } contact) _failures.Add($"{label} not_found");
            else if (apply(contact.Copy()) is not { } changed) After.Remove(contact);
            else if (!changed.SaysWho) _failures.Add($"{id} required");
            else
            {
                if (changed.HasValuesOf(contact)) _unchanged++;
                After.Replace(contact, changed);
            }
        }
    }

    public override string Name => $"{_door.Name}: {_operation} of {Rows} by {_selection.Kind} {_params.ToJsonString()}";

    public override Door Through => _door;

    public override int Rows => _selection.Targets.Count;

    public override ContactBook After { get; }

    public override int Created => 0;

    public override string GetRoute => "bulk-jobs-get";

    public static BulkWork Make(Random random, ContactBook book, People people, bool shrinks)
    {
        var selection = BulkSelection.Make(random, book, people, shrinks);
        if (shrinks || random.Next(6) == 0) return new(random, selection, "delete", [], book, _ => null);
        var (tags, others) = (people.Tags(), people.Tags());
        var city = people.City();
        return random.Next(5) switch
        {
            0 => new(random, selection, "tag", new() { ["add"] = List(tags), ["remove"] = List(others) }, book, contact =>
            {
                contact.Tags = [.. contact.Tags.Except(others)];
                contact.AddTags(tags);
                return contact;
            }),
            1 => new(random, selection, "tag", new() { ["set"] = List(tags) }, book, contact =>
            {
                contact.Tags = tags;
                return contact;
            }),
            2 => new(random, selection, "update", Fields(new() { ["first_name"] = null }), book, contact =>
            {
                contact.FirstName = null;
                return contact;
            }),
            _ => new(random, selection, "update", Fields(new() { ["city"] = city, ["tags"] = List(tags) }), book, contact =>
            {
                (contact.City, contact.Tags) = (city, tags);
                return contact;
            }),
        };
    }

    public override Task<Guid> StartAsync(Caller caller) => caller.StartAsync(_door, _request);

    public override Progress Read(JsonElement job) => ReadBulk(job);

    public override async Task<IReadOnlyList<string>> DifferencesAsync(Caller caller, JsonElement job)
    {
        var expected = new Progress("completed", Rows, Rows, [Rows - _unchanged - _failures.Count, _unchanged, _failures.Count]);
        var failures = await caller.AllAsync("bulk-jobs-results", new { id = job.GetProperty("id").GetGuid(), outcome = "failed" });
        List<string> differences = [.. Compare("failures", _failures, [.. failures.Select(Show)])];
        if (Read(job).ToString() != expected.ToString())
        {
            differences.Add($"{Read(job)}, expected {expected}: {job.GetProperty("error_message")}");
        }
        return differences;
    }

    /// <summary>Reads the progress of any bulk job from a poll's answer: changed, unchanged and failed targets.</summary>
    public static Progress ReadBulk(JsonElement job) => new(
        job.GetProperty("status").GetString()!, Count(job, "total_count"), Count(job, "processed_count"),
            [Count(job, "success_count") - Count(job, "skipped_count"), Count(job, "skipped_count"), Count(job, "failed_count")]);

    private static string Show(JsonElement failure)
    {
        var (id, externalId) = (failure.GetProperty("entity_id"), failure.GetProperty("external_id"));
        return $"{(id.ValueKind == JsonValueKind.Null ? externalId : id)} {failure.GetProperty("code")}";
    }

    private static JsonObject Fields(JsonObject fields) => new() { ["fields"] = fields };

    private static JsonArray List(string[] values) => [.. values.Select(value => (JsonNode)value)];
}
