using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>Describes the GET routes that do what an RPC does: its texts and answers, with its request in path and query.</summary>
internal sealed class LinkOperations : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<LinkRoute>().FirstOrDefault() is not { } link) return;
        operation.Description = $"The same as `POST /api/{link.Rpc.Name}`. The `links` of a job have this path.\n\n"
            + RpcOperations.DescriptionOf(operation, metadata);
        operation.RequestBody = null;
        operation.Parameters =
        [
            .. link.PathMembers.Select(name => Parameter(context, link, name, ParameterLocation.Path)),
            .. link.QueryMembers.Select(name => Parameter(context, link, name, ParameterLocation.Query)),
        ];
        operation.Responses = RpcOperations.ResponsesOf(context, link.Rpc, metadata);
        RpcOperations.AddHeaders(operation.Responses, keepsAnswer: false);
    }

    /// <summary>A member of the request, with the description that it has in the body of the RPC.</summary>
    private static OpenApiParameter Parameter(OperationFilterContext context, LinkRoute link, string name, ParameterLocation place)
    {
        var body = context.SchemaGenerator.GenerateSchema(link.Rpc.Request.Type, context.SchemaRepository);
        var members = body is OpenApiSchemaReference { Reference.Id: { } id } ? context.SchemaRepository.Schemas[id] : body;
        members.Properties!.TryGetValue(name, out var described);
        var member = link.Rpc.Request.Members[name].Shape;
        return new OpenApiParameter
        {
            Name = name,
            In = place,
            Required = place == ParameterLocation.Path,
            Description = described?.Description is { Length: > 0 } text ? text : PropertyDescriptions.Of(name),
            Schema = new OpenApiSchema
            {
                Type = member.Kind switch
                {
                    ShapeKind.Boolean => JsonSchemaType.Boolean,
                    ShapeKind.Integer => JsonSchemaType.Integer,
                    _ => JsonSchemaType.String,
                },
                Format = member.Kind == ShapeKind.Uuid ? "uuid" : null,
                Enum = member.Kind == ShapeKind.Choice ? [.. member.Choices.Select(choice => JsonValue.Create(choice))] : null,
            },
        };
    }
}
