using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform;

/// <summary>Marks the members of requests that must be given, and closes requests: what is not listed is refused.</summary>
internal sealed class WireSchemas : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties.Count: > 0 } described || context.MemberInfo is not null)
            return;
        var shape = Shape.Of(context.Type);
        if (shape.Kind != ShapeKind.Object)
            return;
        var isRequest = context.Type.Name.EndsWith("Request", StringComparison.Ordinal);
        // Answers always hold every member, null or not.
        var required = described.Properties!.Keys
            .Where(name => !isRequest || (shape.Members.TryGetValue(name, out var member) && member.Required));
        described.Required = required.ToHashSet(StringComparer.Ordinal);
        described.AdditionalPropertiesAllowed = !isRequest;
    }
}

/// <summary>Describes types by the contract that reads and writes the wire.</summary>
internal sealed class WireContracts : ISerializerDataContractResolver
{
    private readonly JsonSerializerDataContractResolver _contracts = new(WireJson.Options);

    public DataContract GetDataContractForType(Type type)
    {
        var isOptional = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);
        return _contracts.GetDataContractForType(isOptional ? type.GetGenericArguments()[0] : type);
    }
}
