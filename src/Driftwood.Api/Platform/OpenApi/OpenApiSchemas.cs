using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>
/// Says which members must be there and which may be null, and closes requests: what is not listed is refused.
/// </summary>
internal sealed class WireSchemas(EndpointDataSource endpoints) : ISchemaFilter
{
    private readonly Lazy<HashSet<Type>> _requests = new(() => RequestTypes(endpoints));

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { Count: > 0 } properties } described || context.MemberInfo is not null)
            return;
        var shape = Shape.Of(context.Type);
        if (shape.Kind != ShapeKind.Object)
            return;
        var isRequest = _requests.Value.Contains(context.Type);
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

    /// <summary>The requests of all routes and the objects within them.</summary>
    private static HashSet<Type> RequestTypes(EndpointDataSource endpoints)
    {
        var types = new HashSet<Type>();
        foreach (var endpoint in endpoints.Endpoints)
        {
            if (endpoint.Metadata.GetMetadata<RpcRoute>() is { } route)
                Collect(route.Request, types);
        }

        return types;
    }

    private static void Collect(Shape shape, HashSet<Type> types)
    {
        if (shape.Kind is ShapeKind.List or ShapeKind.Map)
            Collect(shape.Element, types);
        if (shape.Kind != ShapeKind.Object || !types.Add(shape.Type))
            return;
        foreach (var member in shape.Members.Values)
            Collect(member.Shape, types);
    }

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
