using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Requests;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>Schemas of members that come as text: in a path, a query or a form.</summary>
internal static class TextSchemas
{
    /// <summary>The schema of one member. A member that is JSON is a text here.</summary>
    public static OpenApiSchema Of(Shape member, string? description = null) => new()
    {
        Type = member.Kind switch
        {
            ShapeKind.Boolean => JsonSchemaType.Boolean,
            ShapeKind.Integer => JsonSchemaType.Integer,
            _ => JsonSchemaType.String,
        },
        Format = member.Kind == ShapeKind.Uuid ? "uuid" : null,
        Enum = member.Kind == ShapeKind.Choice ? [.. member.Choices.Select(choice => JsonValue.Create(choice))] : null,
        Description = description,
    };

    /// <summary>The description of each member of a request, as it has it in a body.</summary>
    public static IReadOnlyDictionary<string, string?> DescriptionsOf(OperationFilterContext context, Type request)
    {
        // Schemas that only texts need do not belong in the document.
        var apart = new SchemaRepository();
        var body = context.SchemaGenerator.GenerateSchema(request, apart);
        var members = body is OpenApiSchemaReference { Reference.Id: { } id } ? apart.Schemas[id] : body;
        return members.Properties!.ToDictionary(
            member => member.Key,
            member => member.Value.Description is { Length: > 0 } text ? text : PropertyDescriptions.Of(member.Key));
    }
}
