using System.Text.Json;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Records.Store;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>The description at /swagger/v1/swagger.json and its pages at /swagger.</summary>
internal static class OpenApi
{
    private const string Bearer = "bearer";

    public static IServiceCollection AddOpenApi(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSingleton<OpenApiText>();
        // Schemas by the same contract that reads and writes the wire.
        services.AddSingleton<ISerializerDataContractResolver>(new JsonSerializerDataContractResolver(WireJson.Options));
        services.AddSwaggerGen(Describe);
        return services;
    }

    private static void Describe(SwaggerGenOptions options)
    {
        options.SwaggerDoc("v1", new OpenApiInfo
        {
            Title = "Driftwood",
            Version = "v1",
            Description = Description,
            License = new OpenApiLicense { Name = "MIT", Url = new Uri("https://opensource.org/license/mit") },
        });
        options.AddServer(new OpenApiServer { Url = "/", Description = "The node that serves this document" });
        options.IncludeXmlComments(typeof(OpenApi).Assembly);
        options.DocumentFilter<TagDescriptions>();
        options.CustomSchemaIds(SchemaId);
        options.AddSecurityDefinition(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            Description = "A token made by tokens-create or by the command line: dw_…",
        });
        options.AddSecurityRequirement(document => new OpenApiSecurityRequirement
        {
            [new OpenApiSecuritySchemeReference(Bearer, document)] = [],
        });
        options.MapType<StoredRecord>(() => new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A record, with the members that the get route of its type answers.",
        });
        options.DocumentFilter<RecordSchemas>();
        options.DocumentFilter<PropertyDescriptions>();
        options.MapType<JsonElement>(() => new OpenApiSchema { Description = "Any JSON." });
        options.SchemaFilter<WireSchemas>();
        options.OperationFilter<RpcOperations>();
        options.OperationFilter<LinkOperations>();
        options.OperationFilter<ServiceOperations>();
    }

    public static void MapOpenApi(this WebApplication app)
    {
        app.MapGet($"/swagger/{OpenApiText.Name}/swagger.json", (HttpContext http, OpenApiText text) => text.Answer(http))
            .WithName("openapi")
            .ExcludeFromDescription();
        app.UseSwaggerUI(ui =>
        {
            ui.DocumentTitle = "Driftwood API";
            ui.SwaggerEndpoint("/swagger/v1/swagger.json", "Driftwood v1");
            ui.EnablePersistAuthorization();
            ui.EnableFilter();
            ui.DisplayRequestDuration();
            ui.DefaultModelsExpandDepth(-1); // The list of all schemas would double the page.
            ui.HeadContent = ReadHead();
            ui.ConfigObject.Plugins = ["failureLines"];
        });
        app.MapGet("/", () => Results.Redirect("swagger")).WithName("home").ExcludeFromDescription();
    }

    /// <summary>The styles and scripts that the pages have beside Swagger UI's own.</summary>
    private static string ReadHead()
    {
        using var stream = typeof(OpenApi).Assembly.GetManifestResourceStream("pages.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Requests are nested in their feature: <c>BulkJobsCreate.Request</c> → <c>BulkJobsCreateRequest</c>.</summary>
    private static string SchemaId(Type type)
    {
        var name = type.DeclaringType is { } feature ? SchemaId(feature) + type.Name : type.Name;
        if (!type.IsGenericType)
            return name;
        var arguments = string.Concat(type.GetGenericArguments().Select(SchemaId));
        return arguments + name[..name.IndexOf('`', StringComparison.Ordinal)];
    }

    private const string Description =
        """
        Bulk data for a CRM. Every route is `POST /api/<noun>-<verb>` with JSON in and out. The `links` of a job lead to what can be
        read of it by `GET`, with the same token.

        * Success is `{"ok": true, "result": …}`; failure is `{"ok": false, "error": {code, message, details, request_id}}`
          with a truthful status. Each entry of `details` names the member, what was found and what was expected.
        * Members that a request does not have are refused.
        * Times are RFC 3339 in UTC. Ids are UUIDs.
        * Lists take `cursor` and `limit` and answer `items` and `next_cursor`.
        * Every create takes an `Idempotency-Key`: the same key and body get the first answer again.
        * `X-Request-Id` is taken, echoed and logged.
        """;
}
