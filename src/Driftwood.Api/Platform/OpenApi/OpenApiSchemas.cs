using System.Text.Json.Nodes;
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
    private readonly Lazy<HashSet<Type>> _requests = new(() => Collect<RpcRoute>(endpoints, route => route.Request));
    private readonly Lazy<HashSet<Type>> _serviceRequests = new(() => Collect<ServiceRoute>(endpoints, route => route.Request));

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { Count: > 0 } properties } described || context.MemberInfo is not null)
            return;
        var shape = Shape.Of(context.Type);
        if (shape.Kind != ShapeKind.Object)
            return;
        // Clients of other services may send more than is read.
        var isClosed = _requests.Value.Contains(context.Type);
        var isRequest = isClosed || _serviceRequests.Value.Contains(context.Type);
        described.AdditionalPropertiesAllowed = !isClosed;
        described.Required = isRequest
            ? shape.Members.Where(member => member.Value.Required).Select(member => member.Key).ToHashSet(StringComparer.Ordinal)
            : AlwaysWritten(context.Type);
        foreach (var (name, member) in shape.Members)
        {
            if (properties.TryGetValue(name, out var property))
                properties[name] = WithNull(property, member.Shape.AcceptsNull && !IsEnvelope(context.Type), context.SchemaRepository);
        }

        if (IsEnvelope(context.Type) && properties["ok"] is OpenApiSchema ok)
            ok.Enum = [JsonValue.Create(context.Type != typeof(Envelope.FailureBody))];
    }

    /// <summary>Answers hold every member, null or not, but for those that say otherwise.</summary>
    private static HashSet<string> AlwaysWritten(Type type) =>
        [.. WireJson.Options.GetTypeInfo(type).Properties
            .Where(property => property is { Get: not null, ShouldSerialize: null })
            .Select(property => property.Name)];

    /// <summary>The requests of all routes of a kind, and the objects within them.</summary>
    private static HashSet<Type> Collect<TRoute>(EndpointDataSource endpoints, Func<TRoute, Shape> request) where TRoute : class
    {
        var types = new HashSet<Type>();
        foreach (var route in endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<TRoute>()).OfType<TRoute>())
            Collect(request(route), types);
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

    // The members of an envelope are never null, and ok tells the two envelopes apart.
    private static bool IsEnvelope(Type type) =>
        type == typeof(Envelope.FailureBody) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Envelope.SuccessBody<>));

    private static IOpenApiSchema WithNull(IOpenApiSchema property, bool acceptsNull, SchemaRepository schemas)
    {
        // A reference has no place for "or null" beside it, and OpenAPI 3.0 wants a type beside nullable. Generators of C# clients read
        // oneOf as the enum. They read allOf as a text.
        if (property is not OpenApiSchema own)
        {
            if (!acceptsNull) return property;
            return new OpenApiSchema { OneOf = [property], Type = TypeOf(property, schemas) | JsonSchemaType.Null };
        }

        if (own.Type is not null)
            own.Type = acceptsNull ? own.Type | JsonSchemaType.Null : own.Type & ~JsonSchemaType.Null;
        return own;
    }

    private static JsonSchemaType TypeOf(IOpenApiSchema property, SchemaRepository schemas) =>
        property is OpenApiSchemaReference { Reference.Id: { } id } && schemas.Schemas.TryGetValue(id, out var target)
            && target.Type is { } type
            ? type
            : JsonSchemaType.Object;
}
