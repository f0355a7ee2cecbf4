using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The routes by which a job is requested: Driftwood's own, or those of another service whose clients are served.</summary>
internal abstract class Door
{
    /// <summary>A name for people.</summary>
    public abstract string Name { get; }

    /// <summary>The path of the request for this job.</summary>
    public abstract string Path(JsonObject job);

    /// <summary>The request for this job, which has the members of <c>bulk-jobs-create</c>.</summary>
    public abstract JsonNode Body(JsonObject job);

    /// <summary>The job's id in the answer.</summary>
    public abstract Guid IdIn(JsonElement answer);

    /// <summary>The headers that carry the token.</summary>
    public virtual (string Name, string Value) Credentials(string token) => ("Authorization", $"Bearer {token}");

    /// <summary>Maximum records of a query through another service.</summary>
    public const int MaxFound = 10_000;

    public static Door Native { get; } = new NativeDoor();

    /// <summary>The doors that can say this job, Driftwood's own first.</summary>
    public static IReadOnlyList<Door> Of(JsonObject job)
    {
        Door[] others = [new FulcrumDoor(), new ZendeskDoor(), new KnockDoor()];
        return [Native, .. others.Where(door => door.Says(job))];
    }

    /// <summary>Whether the service has a request for this job.</summary>
    protected abstract bool Says(JsonObject job);

    private static string Operation(JsonObject job) => job["operation"]!.GetValue<string>();

    private static int Length(JsonObject job, string list) => (job[list] as JsonArray)?.Count ?? 0;

    private sealed class NativeDoor : Door
    {
        public override string Name => "Driftwood";

        public override string Path(JsonObject job) => "/api/bulk-jobs-create";

        public override JsonNode Body(JsonObject job) => job.DeepClone();

        public override Guid IdIn(JsonElement answer) => answer.GetProperty("result").GetProperty("id").GetGuid();

        protected override bool Says(JsonObject job) => true;
    }

    private sealed class FulcrumDoor : Door
    {
        public override string Name => "Fulcrum";

        public override (string Name, string Value) Credentials(string token) => ("X-ApiToken", token);

        public override string Path(JsonObject job) => "/api/v2/batch.json";

        public override JsonNode Body(JsonObject job)
        {
            JsonObject operation = new() { ["action"] = Operation(job), ["resource"] = "record", ["form_id"] = "contacts" };
            if (job["entity_ids"] is { } ids) operation["ids"] = ids.DeepClone();
            if (job["query"] is { } query) operation["query"] = query.DeepClone();
            if (job["params"]?["fields"] is { } fields) operation["data"] = fields.DeepClone();
            return new JsonObject { ["batch"] = new JsonObject { ["start"] = true, ["operations"] = new JsonArray(operation) } };
        }

        public override Guid IdIn(JsonElement answer) => answer.GetProperty("batch").GetProperty("id").GetGuid();

        protected override bool Says(JsonObject job) =>
            Operation(job) is "delete" or "update" && (job["entity_ids"] ?? job["query"]) is not null;
    }

    private sealed class ZendeskDoor : Door
    {
        private const int MaxItems = 100;

        public override string Name => "Zendesk";

        public override (string Name, string Value) Credentials(string token) =>
            ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"ann@example.com/token:{token}")));

        public override string Path(JsonObject job) => "/api/v2/custom_objects/contacts/jobs.json";

        public override JsonNode Body(JsonObject job)
        {
            var (action, items) = job switch
            {
                _ when job["entity_ids"] is { } ids => ("delete", ids.DeepClone()),
                _ when job["external_ids"] is { } ids => ("delete_by_external_id", ids.DeepClone()),
                _ => (Operation(job), new JsonArray([.. job["items"]!.AsArray().Select(item => Item(item!.AsObject()))])),
            };
            return new JsonObject { ["job"] = new JsonObject { ["action"] = action, ["items"] = items } };
        }

        public override Guid IdIn(JsonElement answer) => answer.GetProperty("job_status").GetProperty("id").GetGuid();

        protected override bool Says(JsonObject job) => Operation(job) switch
        {
            "delete" => Length(job, "entity_ids") + Length(job, "external_ids") is > 0 and <= MaxItems,
            "create" or "update" => Length(job, "items") is > 0 and <= MaxItems,
            _ => false,
        };

        private static JsonObject Item(JsonObject item)
        {
            JsonObject fields = [];
            JsonObject sent = new() { ["custom_object_fields"] = fields };
            foreach (var (key, value) in item) (key is "id" or "external_id" ? sent : fields)[key] = value?.DeepClone();
            return sent;
        }
    }

    private sealed class KnockDoor : Door
    {
        private const int MaxUsers = 1_000;

        public override string Name => "Knock";

        public override string Path(JsonObject job) => $"/v1/users/bulk/{(Operation(job) == "delete" ? "delete" : "identify")}";

        public override JsonNode Body(JsonObject job) => Operation(job) == "delete"
            ? new JsonObject { ["user_ids"] = job["external_ids"]!.DeepClone() }
            : new JsonObject { ["users"] = new JsonArray([.. job["items"]!.AsArray().Select(item => User(item!.AsObject()))]) };

        public override Guid IdIn(JsonElement answer) => answer.GetProperty("id").GetGuid();

        protected override bool Says(JsonObject job) => Operation(job) switch
        {
            "delete" => Length(job, "external_ids") is > 0 and <= MaxUsers,
            "upsert" => Length(job, "items") is > 0 and <= MaxUsers && job["params"]!["match_on"]!.GetValue<string>() == "external_id"
                && job["items"]!.AsArray().All(item => item!["external_id"] is not null),
            _ => false,
        };

        private static JsonObject User(JsonObject item)
        {
            JsonObject user = new() { ["id"] = item["external_id"]!.DeepClone() };
            foreach (var (key, value) in item)
            {
                if (key != "external_id") user[key] = value?.DeepClone();
            }

            return user;
        }
    }
}
