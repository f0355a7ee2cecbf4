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
    private const int BulkRate = 1;
    private const int ReadRate = 200;

    private const string Operation = """
        {"__typename":"BulkOperation","id":"01977c24-aa0e-7840-8e29-b41d4a716446","name":"users.identify","status":"queued",
        "estimated_total_rows":2,"processed_rows":0,"success_count":0,"error_count":0,"error_items":[],
        "progress_path":"/v1/bulk_operations/01977c24-aa0e-7840-8e29-b41d4a716446","inserted_at":"2025-06-15T14:30:00.123Z",
        "updated_at":"2025-06-15T14:30:00.123Z","started_at":null,"completed_at":null,"failed_at":null}
        """;
    private const string User = """
        {"__typename":"User","id":"user_1","name":"Jane Doe","email":"jane@ingen.example","phone_number":null,"created_at":null,
        "updated_at":"2025-06-15T14:30:00.123Z","city":"Oslo"}
        """;
    private const string Tenant = """
        {"__typename":"Tenant","id":"tenant_1","name":"Acme Corp","settings":null,"created_at":null,
        "updated_at":"2025-06-15T14:30:00.123Z"}
        """;
    private const string Object = """
        {"__typename":"Object","id":"project_1","collection":"projects","created_at":null,
        "updated_at":"2025-06-15T14:30:00.123Z","properties":{"name":"My project"}}
        """;

    public string Name => "Knock";

    public void Map(IEndpointRouteBuilder app, IConfigurationSection settings)
    {
        var options = CompatOptions.Read<KnockOptions>(settings);
        var routes = new Routes(app, new KnockDialect(CompatAccounts.Read(options.Accounts)), options.RateTiers ? new RateLimits() : null);
        routes.Get("bulk-operations-get", "bulk_operations/{id}", KnockOperation.GetAsync, "Show a bulk operation", Operation);
        MapBulk(routes);
        MapReading(routes, "users", "users", _ => KnockEntity.Users, User);
        MapReading(routes, "objects", "objects/{collection}", KnockEntity.InPath, Object);
        MapReading(routes, "tenants", "tenants", _ => KnockEntity.Tenants, Tenant)
            .WithQuery("name", "The name.", "Acme Corp").WithQuery("tenant_id", "The id.", "tenant_1");
    }

    private static void MapBulk(Routes routes)
    {
        routes.Bulk("users-bulk-identify", "users/bulk/identify", "Create or change up to 1,000 users",
            (KnockUsers request, HttpContext http) => new KnockBulk(http, KnockEntity.Users).SetAsync(request.Users),
            """{"users":[{"id":"user_1","name":"Jane Doe","email":"jane@ingen.example","city":"Oslo"},{"id":"user_2"}]}""");
        routes.Bulk("users-bulk-delete", "users/bulk/delete", "Delete up to 1,000 users",
            (KnockUserIds request, HttpContext http) => new KnockBulk(http, KnockEntity.Users).DeleteAsync("user_ids", request.UserIds),
            """{"user_ids":["user_1","user_2"]}""");
        routes.Bulk("objects-bulk-set", "objects/{collection}/bulk/set", "Create or change up to 1,000 objects",
            (KnockObjects request, HttpContext http) => new KnockBulk(http, KnockEntity.InPath(http)).SetAsync(request.Objects),
            """{"objects":[{"id":"project_1","name":"My project"},{"id":"project_2"}]}""");
        routes.Bulk("objects-bulk-delete", "objects/{collection}/bulk/delete", "Delete up to 1,000 objects",
            (KnockObjectIds request, HttpContext http) =>
                new KnockBulk(http, KnockEntity.InPath(http)).DeleteAsync("object_ids", request.ObjectIds),
            """{"object_ids":["project_1","project_2"]}""");
        routes.Bulk("tenants-bulk-set", "tenants/bulk/set", "Create or change up to 1,000 tenants",
            (KnockTenants request, HttpContext http) => new KnockBulk(http, KnockEntity.Tenants).SetAsync(request.Tenants),
            """{"tenants":["tenant_1",{"id":"tenant_2","name":"Acme Corp"}]}""");
        routes.Bulk("tenants-bulk-delete", "tenants/bulk/delete", "Delete up to 1,000 tenants",
            KnockBulk.DeleteTenantsAsync, """{"tenant_ids":["tenant_1","tenant_2"]}""", bodyIsOptional: true)
            .WithQuery("tenant_ids[]", "An id; once for each tenant. Knock's client sends them here, without a body.");
    }

    private static RouteHandlerBuilder MapReading(
        Routes routes, string noun, string path, Func<HttpContext, KnockEntity> entityOf, string answer)
    {
        routes.Get(
            $"{noun}-get", path + "/{id}", (HttpContext http, RecordTypeCatalog types, CompatRecords records) =>
                entityOf(http).GetAsync(http, types, records), $"Show one of the {noun}", answer);
        return routes.Get(
            $"{noun}-list", path, (HttpContext http, RecordTypeCatalog types, CompatRecords records) =>
                entityOf(http).ListAsync(http, types, records), $"List {noun}",
            $$$"""{"entries":[{{{answer}}}],"page_info":{"__typename":"PageInfo","page_size":50,"after":null,"before":null}}""")
            .WithQuery("page_size", "1 to 50, default 50.", "50")
            .WithQuery("after", "The cursor of an earlier page.").WithQuery("before", "The cursor of a later page.");
    }

    /// <summary>Maps routes under <c>/v1</c>.</summary>
    private sealed class Routes(IEndpointRouteBuilder app, KnockDialect dialect, RateLimits? rates)
    {
        public RouteHandlerBuilder Get(string name, string path, Delegate handler, string summary, string answer) =>
            Add(app.MapService(dialect, $"knock-{name}", "GET", $"/v1/{path}", handler), name, summary, ReadRate)
                .WithServiceExample(null, answer);

        public RouteHandlerBuilder Bulk(
            string name, string path, string summary, Delegate handler, string request, bool bodyIsOptional = false)
        {
            var route = app.MapService(dialect, $"knock-{name}", "POST", $"/v1/{path}", handler, bodyIsOptional: bodyIsOptional);
            var operation = name.Replace("-bulk-", ".", StringComparison.Ordinal);
            return Add(route.AsServiceCreate(), name, summary, BulkRate)
                .WithServiceExample(request, Operation.Replace("users.identify", operation, StringComparison.Ordinal));
        }

        private RouteHandlerBuilder Add(RouteHandlerBuilder route, string name, string summary, int rate)
        {
            rates?.Limit(route, name, rate);
            return route.WithTags("Knock").WithSummary(summary);
        }
    }
}
