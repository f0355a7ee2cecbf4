using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Knock;

// The bodies of the bulk requests.
internal sealed record KnockUsers(JsonElement[] Users);
internal sealed record KnockObjects(JsonElement[] Objects);
internal sealed record KnockTenants(JsonElement[] Tenants);
internal sealed record KnockUserIds(string[] UserIds);
internal sealed record KnockObjectIds(string[] ObjectIds);
internal sealed record KnockTenantIds(string[]? TenantIds = null);

/// <summary>Translates a bulk request to a bulk job, in the request's transaction.</summary>
internal sealed class KnockBulk(HttpContext http, KnockEntity entity)
{
    private const int MaxItems = 1_000, MaxIdLength = 255;

    private readonly DriftwoodDb _db = http.RequestServices.GetRequiredService<DriftwoodDb>();
    private readonly RecordTypeCatalog _types = http.RequestServices.GetRequiredService<RecordTypeCatalog>();
    private readonly List<Fault> _faults = [];

    /// <summary>Deletes tenants. Their ids are in the query, or in a body.</summary>
    public static Task<JsonNode> DeleteTenantsAsync(KnockTenantIds request, HttpContext http)
    {
        string[] queried = [.. http.Request.Query["tenant_ids[]"]!, .. http.Request.Query["tenant_ids"]!];
        if (request.TenantIds is not null && queried.Length > 0)
            throw ApiException.Validation("tenant_ids", "conflict", "Found in the query and in the body, expected in one of them.");
        return new KnockBulk(http, KnockEntity.Tenants).DeleteAsync("tenant_ids", request.TenantIds ?? queried);
    }

    /// <summary>Creates, or merges into, the records that have the items' ids.</summary>
    /// <exception cref="ApiException">404 for the collection; 422 with the faults of shapes and unknown properties.</exception>
    public async Task<JsonNode> SetAsync(JsonElement[] items)
    {
        var type = await RequireTypeAsync();
        RequireCount(entity.Noun, items.Length);
        var properties = new KnockProperties(entity, type, _faults);
        List<Dictionary<string, JsonElement>> translated = [];
        foreach (var (index, item) in items.Index())
        {
            var path = $"{entity.Noun}[{index}]";
            if (ReadId(path, item) is { } id) translated.Add(properties.ToFields(path, id, item));
        }

        if (_faults.Count == 0 && type.Autonumber is null && !entity.IsUser) await NameNewAsync(type, translated);
        return await CreateAsync(new BulkJobsCreate.Request
        {
            EntityType = type.Key,
            Operation = OperationName.Upsert,
            Params = JsonSerializer.SerializeToElement(new { match_on = "external_id" }),
            Items = [.. translated],
        });
    }

    /// <summary>Deletes the records that have the ids in a member of the request.</summary>
    /// <exception cref="ApiException">404 for the collection; 422 with the faults of the ids.</exception>
    public async Task<JsonNode> DeleteAsync(string member, string[] ids)
    {
        var type = await RequireTypeAsync();
        RequireCount(member, ids.Length);
        foreach (var (index, id) in ids.Index()) CheckId($"{member}[{index}]", id);
        return await CreateAsync(new BulkJobsCreate.Request { EntityType = type.Key, Operation = OperationName.Delete, ExternalIds = ids });
    }

    private async Task<RecordType> RequireTypeAsync() => entity.Require(
        await _types.FindAsync(_db.Connection(), Caller.Of(http).AccountId, entity.RecordType, http.RequestAborted));

    private async Task<JsonNode> CreateAsync(BulkJobsCreate.Request request)
    {
        if (_faults.Count > 0) throw ApiException.Validation(_faults);
        return KnockOperation.Of(await http.RequestServices.GetRequiredService<CompatJobs>().CreateAsync(http, request), []);
    }

    private static void RequireCount(string member, int count)
    {
        if (count is < 1 or > MaxItems) throw ApiException.Validation(member, "out_of_range", $"Found {count}, expected 1 to {MaxItems}.");
    }

    private string? ReadId(string path, JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String && entity == KnockEntity.Tenants) return CheckId(path, item.GetString()!);
        if (item.ValueKind != JsonValueKind.Object)
            _faults.Add(new Fault(path, "wrong_type", $"Found {Found.Describe(item)}, expected an object with an id."));
        else if (item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
            return CheckId($"{path}.id", id.GetString()!);
        else
            _faults.Add(new Fault($"{path}.id", "required", "Missing: expected a string."));
        return null;
    }

    private string? CheckId(string path, string id)
    {
        if (MatchKeys.Of(MatchKeyKind.Exact, id) is null) _faults.Add(new Fault(path, "required", "Blank: expected an id."));
        else if (id.EnumerateRunes().Count() <= MaxIdLength) return id;
        else _faults.Add(new Fault(path, "too_long", $"Longer than {MaxIdLength} characters."));
        return null;
    }

    /// <summary>A record needs a name, which Knock's tenants and objects do not: a new one gets its id as name.</summary>
    private async Task NameNewAsync(RecordType type, List<Dictionary<string, JsonElement>> items)
    {
        static string KeyOf(Dictionary<string, JsonElement> item) => MatchKeys.Of(MatchKeyKind.Exact, item["external_id"].GetString()!)!;
        string[] unnamed = [.. items.Where(item => !item.ContainsKey("name")).Select(KeyOf).Distinct()];
        var known = await ExternalIds.FindAsync(_db.Connection(), type, Caller.Of(http).AccountId, unnamed, http.RequestAborted);
        // An id may be sent twice: a name that stands with it earlier stays.
        Dictionary<string, JsonElement> names = [];
        foreach (var item in items)
        {
            var key = KeyOf(item);
            if (!known.ContainsKey(key)) item.TryAdd("name", names.GetValueOrDefault(key, item["external_id"]));
            if (item.TryGetValue("name", out var name)) names[key] = name;
        }
    }
}
