using Driftwood.Engine.Records.Store;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>Removes the schemas of answers that hold records. The routes of records describe these by their fields.</summary>
internal sealed class RecordSchemas : IDocumentFilter
{
    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        var schemas = swaggerDoc.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>();
        foreach (var name in schemas.Keys.Where(name => name.StartsWith(nameof(StoredRecord), StringComparison.Ordinal)).ToList())
            schemas.Remove(name);
    }
}
