using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Zendesk;

/// <summary>Reads records of any type as custom object records.</summary>
internal static class ZendeskRecords
{
    private static readonly string[] Filters = ["filter[ids]", "filter[external_ids]", "sort"];
    private static readonly string[] Orders = ["id", "-id", "updated_at", "-updated_at"];

    public static async Task<JsonNode> ShowAsync(HttpContext http, Caller caller, RecordTypeCatalog types, RecordStore records)
    {
        var type = await TypeAsync(http, caller, types);
        var given = RawPath.ValueBeforeJson(http, "id");
        var isId = Guid.TryParseExact(given, "D", out var id);
        var found = isId ? await records.GetAsync(type, caller.AccountId, id, http.RequestAborted) : null;
        return new JsonObject { ["custom_object_record"] = Write(http, found ?? throw ApiException.NotFound("record", given)) };
    }

    public static async Task<JsonNode> ListAsync(HttpContext http, Caller caller, RecordTypeCatalog types, RecordQueries records)
    {
        var type = await TypeAsync(http, caller, types);
        var page = ZendeskPage.Read(http, Filters);
        var found = await records.ListPageAsync(QueryOf(http, type), caller, page, http.RequestAborted);
        var list = new JsonObject
        {
            ["custom_object_records"] = new JsonArray([.. found.Items.Select(record => Write(http, record))]),
            ["count"] = found.Items.Count,
        };
        return page.Write(http, list, $"custom_objects/{type.Key}/records", found.NextCursor, Filters);
    }

    private static async Task<RecordType> TypeAsync(HttpContext http, Caller caller, RecordTypeCatalog types) =>
        await types.FindAsync(caller.AccountId, RawPath.Value(http, "key"), http.RequestAborted)
            ?? throw ApiException.NotFound("record type", RawPath.Value(http, "key"));

    private static RecordQuery QueryOf(HttpContext http, RecordType type)
    {
        var sort = http.Request.Query.TryGetValue("sort", out var given) ? given.ToString() : "id";
        if (!Orders.Contains(sort))
            throw ApiException.Validation("sort", "invalid_choice", $"Found {Found.Describe(sort)}, expected {string.Join(", ", Orders)}.");
        // Ids and external IDs that no record can have find nothing.
        var key = type.Find("external_id")!;
        var ids = ZendeskPage.List(http, Filters[0])?.Where(text => Guid.TryParseExact(text, "D", out _));
        var externalIds = ZendeskPage.List(http, Filters[1])?
            .Where(text => !text.Contains('\0') && MatchKeys.Of(key.MatchKey!.Value, text) is not null);
        List<Filter> conditions = [];
        if (ids is not null) conditions.Add(new Comparison(RecordType.Id, FilterOperator.In, [.. ids.Distinct()]));
        if (externalIds is not null) conditions.Add(new Comparison(key, FilterOperator.In, [.. externalIds.Distinct()]));
        var orderBy = FilterFields.Find(type, sort.TrimStart('-'))!;
        var filter = conditions.Count == 0 ? null : And.Of(conditions);
        return new RecordQuery(type, filter) { OrderBy = orderBy, Descending = sort[0] == '-' };
    }

    private static JsonObject Write(HttpContext http, StoredRecord record)
    {
        var values = CompatValues.ValuesOf(record);
        JsonNode? Take(string key) => values.Remove(key, out var value) ? value : null;
        Take("tags");
        return new JsonObject
        {
            ["id"] = record.Id.ToString(),
            ["url"] = ZendeskPage.Url(http, $"custom_objects/{record.Type.Key}/records/{record.Id}"),
            ["custom_object_key"] = record.Type.Key,
            ["name"] = Take("name"),
            ["external_id"] = Take("external_id"),
            ["custom_object_fields"] = values,
            ["created_at"] = Time(record.CreatedAt),
            ["updated_at"] = Time(record.UpdatedAt),
            ["created_by_user_id"] = record.CreatedBy.ToString(),
            ["updated_by_user_id"] = record.UpdatedBy.ToString(),
        };
    }

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
