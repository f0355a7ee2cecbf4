using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform;

/// <summary>
/// Says which members must be there and which may be null, and closes requests: what is not listed is refused.
/// </summary>
internal sealed class WireSchemas : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { Count: > 0 } properties } described || context.MemberInfo is not null)
            return;
        var shape = Shape.Of(context.Type);
        if (shape.Kind != ShapeKind.Object)
            return;
        var isRequest = context.Type.Name.EndsWith("Request", StringComparison.Ordinal);
        described.AdditionalPropertiesAllowed = !isRequest;
        described.Required = isRequest
            ? shape.Members.Where(member => member.Value.Required).Select(member => member.Key).ToHashSet(StringComparer.Ordinal)
            : AlwaysWritten(context.Type);
        foreach (var (name, member) in shape.Members)
        {
            if (properties.TryGetValue(name, out var property))
                properties[name] = WithNull(property, member.Shape.AcceptsNull);
        }
    }

    /// <summary>Answers hold every member, null or not, but for those that say otherwise.</summary>
    private static HashSet<string> AlwaysWritten(Type type) =>
        [.. WireJson.Options.GetTypeInfo(type).Properties
            .Where(property => property is { Get: not null, ShouldSerialize: null })
            .Select(property => property.Name)];

    private static IOpenApiSchema WithNull(IOpenApiSchema property, bool acceptsNull)
    {
        // A reference has no place for "or null" beside it.
        if (property is not OpenApiSchema own)
            return acceptsNull ? new OpenApiSchema { AllOf = [property], Type = JsonSchemaType.Null } : property;
        if (own.Type is not null)
            own.Type = acceptsNull ? own.Type | JsonSchemaType.Null : own.Type & ~JsonSchemaType.Null;
        return own;
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
