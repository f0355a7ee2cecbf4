using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Knock;

/// <summary>The section <c>Driftwood:Compat:Knock</c>.</summary>
internal sealed record KnockOptions : CompatOptions
{
    /// <summary>Whether Knock's rate tiers hold. Without them only Driftwood's own limits do.</summary>
    public bool RateTiers { get; init; } = true;
}

/// <summary>Knock's bulk operations, and the lists that show what they did (docs/compat.md).</summary>
internal sealed class KnockService : ICompatService
{
    /// <summary>Requests a second of Knock's tiers 1 and 4.</summary>
    private const int BulkRate = 1, ReadRate = 200;

    public string Name => "Knock";

    public void Map(IEndpointRouteBuilder app, IConfigurationSection settings)
    {
        var options = CompatOptions.Read<KnockOptions>(settings);
        var dialect = new KnockDialect(CompatAccounts.Read(options.Accounts));
        var paths = new CompatPaths(app.MapGroup("/v1").WithTags(Name), dialect, CompatTexts.Of(Name));
        void Limit(RouteHandlerBuilder route, string name, int rate)
        {
            if (options.RateTiers) route.WithMetadata(new RouteRate($"knock-{name}", rate));
        }

        void Read(string name, string path, Delegate handler) =>
            paths.Map($"knock-{name}", HttpMethods.Get, path, handler, route => Limit(route, name, ReadRate));
        void Bulk(string name, string path, Delegate handler)
        {
            var isOptional = name == "tenants-bulk-delete";
            paths.Map($"knock-{name}", HttpMethods.Post, path, handler, route => Limit(route, name, BulkRate), 200, isOptional)
                .AsServiceCreate();
        }

        Read("bulk-operations-get", "bulk_operations/{id}", KnockOperation.GetAsync);
        MapBulk(Bulk);
        MapReading(Read, "users", "users", _ => KnockEntity.Users);
        MapReading(Read, "objects", "objects/{collection}", KnockEntity.InPath);
        MapReading(Read, "tenants", "tenants", _ => KnockEntity.Tenants);
    }

    private static void MapBulk(Action<string, string, Delegate> bulk)
    {
        bulk("users-bulk-identify", "users/bulk/identify", (KnockUsers request, HttpContext http) =>
            new KnockBulk(http, KnockEntity.Users).SetAsync(request.Users));
        bulk("users-bulk-delete", "users/bulk/delete", (KnockUserIds request, HttpContext http) =>
            new KnockBulk(http, KnockEntity.Users).DeleteAsync("user_ids", request.UserIds));
        bulk("objects-bulk-set", "objects/{collection}/bulk/set", (KnockObjects request, HttpContext http) =>
            new KnockBulk(http, KnockEntity.InPath(http)).SetAsync(request.Objects));
        bulk("objects-bulk-delete", "objects/{collection}/bulk/delete", (KnockObjectIds request, HttpContext http) =>
            new KnockBulk(http, KnockEntity.InPath(http)).DeleteAsync("object_ids", request.ObjectIds));
        bulk("tenants-bulk-set", "tenants/bulk/set", (KnockTenants request, HttpContext http) =>
            new KnockBulk(http, KnockEntity.Tenants).SetAsync(request.Tenants));
        bulk("tenants-bulk-delete", "tenants/bulk/delete", KnockBulk.DeleteTenantsAsync);
    }

    private static void MapReading(
        Action<string, string, Delegate> read, string noun, string path, Func<HttpContext, KnockEntity> entityOf)
    {
        read($"{noun}-get", path + "/{id}", (HttpContext http, RecordTypeCatalog types, CompatRecords records) =>
            entityOf(http).GetAsync(http, types, records));
        read($"{noun}-list", path, (HttpContext http, RecordTypeCatalog types, CompatRecords records) =>
            entityOf(http).ListAsync(http, types, records));
    }
}
