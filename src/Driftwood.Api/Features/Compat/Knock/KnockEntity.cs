using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Knock;

/// <summary>A kind of Knock's entities, and the record type whose records with an external ID they are.</summary>
/// <param name="Noun">users, tenants or objects.</param>
/// <param name="RecordType">The key of the record type.</param>
/// <param name="Collection">The collection; null for users.</param>
internal sealed record KnockEntity(string Noun, string RecordType, string? Collection)
{
    private const string TenantCollection = "$tenants";
    private const int MaxPageSize = 50;

    public static readonly KnockEntity Users = new("users", RecordTypes.Contacts.Key, null);
    public static readonly KnockEntity Tenants = new("tenants", RecordTypes.Companies.Key, TenantCollection);

    public bool IsUser => Collection is null;

    /// <summary>The objects of the collection in the path.</summary>
    public static KnockEntity InPath(HttpContext http)
    {
        var collection = RawPath.Value(http, "collection");
        return new KnockEntity("objects", collection == TenantCollection ? Tenants.RecordType : collection, collection);
    }

    /// <summary>The entities whose records have that type.</summary>
    public static KnockEntity OfType(string key) =>
        key == Users.RecordType ? Users : key == Tenants.RecordType ? Tenants : new("objects", key, key);

    /// <summary>The type that the catalog has found, if it is one of a collection.</summary>
    /// <exception cref="ApiException">404: there is no such collection.</exception>
    public RecordType Require(RecordType? found) =>
        found is not null && (Collection is null or TenantCollection || found.TypeId is not null)
            ? found
            : throw ApiException.NotFound("collection", Found.Shorten(Collection ?? Noun));

    /// <summary>The entity whose id is in the path.</summary>
    /// <exception cref="ApiException">404.</exception>
    public async Task<JsonNode> GetAsync(HttpContext http, RecordTypeCatalog types, CompatRecords records)
    {
        var (caller, id) = (Caller.Of(http), RawPath.Value(http, "id"));
        var type = Require(await types.FindAsync(caller.AccountId, RecordType, http.RequestAborted));
        return await records.FindAsync(type, caller, id, http.RequestAborted) is { } record
            ? KnockProperties.ToEntity(this, record)
            : throw ApiException.NotFound(Noun.TrimEnd('s'), Found.Shorten(id));
    }

    /// <summary>A page of entities. Knock's client goes on as long as there is an <c>after</c>.</summary>
    /// <exception cref="ApiException">404 for the collection; 422 for the query.</exception>
    public async Task<JsonNode> ListAsync(HttpContext http, RecordTypeCatalog types, CompatRecords records)
    {
        string? Queried(string name) => http.Request.Query[name] is [{ Length: > 0 } value] ? value : null;
        var caller = Caller.Of(http);
        var type = Require(await types.FindAsync(caller.AccountId, RecordType, http.RequestAborted));
        var size = PageNumbers.Read(http.Request.Query, "page_size", MaxPageSize, MaxPageSize);
        var page = await records.ListAsync(
            type, caller,
            this == Tenants
                ? [CompatRecords.Equal(type, "name", Queried("name")), CompatRecords.Equal(type, "external_id", Queried("tenant_id"))]
                : [],
            CompatRecords.PlaceOf(type, caller, Queried("after"), "after"),
            CompatRecords.PlaceOf(type, caller, Queried("before"), "before"),
            size, http.RequestAborted);
        return new JsonObject
        {
            ["entries"] = new JsonArray([.. page.Records.Select(record => KnockProperties.ToEntity(this, record))]),
            ["page_info"] = new JsonObject
            {
                ["__typename"] = "PageInfo",
                ["page_size"] = size,
                ["after"] = page.After,
                ["before"] = page.Before,
            },
        };
    }
}
