using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Compat.Fulcrum;

/// <summary>Record types as Fulcrum's forms, and their records, to be read.</summary>
internal sealed class FulcrumForms(FulcrumOptions options)
{
    /// <summary>The type with this key, this name without regard to case, or this id of the setting <c>Forms</c>; else null.</summary>
    public static RecordType? Find(IReadOnlyList<RecordType> types, string form, FulcrumOptions options) =>
        types.FirstOrDefault(type => type.Key == form)
        ?? types.FirstOrDefault(type => type.Label.Equals(form, StringComparison.OrdinalIgnoreCase))
        ?? (options.Forms.TryGetValue(form, out var key) ? types.FirstOrDefault(type => type.Key == key) : null);

    public static async Task<JsonNode> ListAsync(HttpContext http, RecordTypeCatalog types, RecordQueries records, DriftwoodDb db)
    {
        var page = PageNumbers.Read(http.Request.Query);
        var all = await types.ListAsync(Caller.Of(http).AccountId, http.RequestAborted);
        var shown = await ReadAsync(http, [.. all.Skip(page.Skip).Take(page.Size)], records, db);
        return page.ToJson("forms", shown, all.Count);
    }

    public async Task<JsonNode> GetAsync(HttpContext http, RecordTypeCatalog types, RecordQueries records, DriftwoodDb db)
    {
        var form = RawPath.ValueBeforeJson(http, "id");
        var all = await types.ListAsync(Caller.Of(http).AccountId, http.RequestAborted);
        var type = Find(all, form, options) ?? throw ApiException.NotFound("form", form);
        return new JsonObject { ["form"] = (await ReadAsync(http, [type], records, db))[0] };
    }

    public static async Task<JsonNode> RecordAsync(HttpContext http, RecordTypeCatalog types, RecordStore records, DriftwoodDb db)
    {
        var (account, text) = (Caller.Of(http).AccountId, RawPath.ValueBeforeJson(http, "id"));
        if (!Guid.TryParse(text, out var id)) throw ApiException.NotFound("record", text);
        foreach (var type in await types.ListAsync(account, http.RequestAborted))
        {
            if (await records.GetAsync(type, account, id, http.RequestAborted) is not { } record) continue;
            var people = db.Users.Where(user => user.AccountId == account && (user.Id == record.CreatedBy || user.Id == record.UpdatedBy));
            var names = await people.ToDictionaryAsync(user => user.Id, user => user.Name, http.RequestAborted);
            return new JsonObject { ["record"] = OfRecord(record, names) };
        }

        throw ApiException.NotFound("record", text);
    }

    private static async Task<JsonObject[]> ReadAsync(HttpContext http, RecordType[] types, RecordQueries records, DriftwoodDb db)
    {
        var account = Caller.Of(http).AccountId;
        var made = await db.RecordTypes.AsNoTracking().Where(each => each.AccountId == account)
            .ToDictionaryAsync(each => each.Id, http.RequestAborted);
        var forms = new JsonObject[types.Length];
        foreach (var (index, type) in types.Index())
        {
            var custom = made.GetValueOrDefault(type.TypeId ?? Guid.Empty);
            forms[index] = new JsonObject
            {
                ["id"] = type.Key,
                ["name"] = type.Label,
                ["description"] = null,
                ["record_count"] = await records.CountAsync(new RecordQuery(type, null), account, http.RequestAborted),
                ["created_at"] = FulcrumReader.Time(custom?.CreatedAt),
                ["updated_at"] = FulcrumReader.Time(custom?.UpdatedAt),
            };
        }

        return forms;
    }

    private static JsonObject OfRecord(StoredRecord record, Dictionary<Guid, string> names)
    {
        var values = CompatValues.FilledValuesOf(record);
        return new JsonObject
        {
            ["id"] = record.Id,
            ["form_id"] = record.Type.Key,
            ["status"] = values["status"]?.DeepClone(),
            ["created_at"] = FulcrumReader.Time(record.CreatedAt),
            ["updated_at"] = FulcrumReader.Time(record.UpdatedAt),
            ["created_by"] = names.GetValueOrDefault(record.CreatedBy),
            ["created_by_id"] = record.CreatedBy,
            ["updated_by"] = names.GetValueOrDefault(record.UpdatedBy),
            ["updated_by_id"] = record.UpdatedBy,
            ["form_values"] = values,
        };
    }
}
