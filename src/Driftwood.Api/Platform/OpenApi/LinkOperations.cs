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
        var texts = TextSchemas.DescriptionsOf(context, link.Rpc.Request.Type);
        OpenApiParameter Parameter(string name, ParameterLocation place) => new()
        {
            Name = name,
            In = place,
            Required = place == ParameterLocation.Path,
            Description = texts[name],
            Schema = TextSchemas.Of(link.Rpc.Request.Members[name].Shape),
        };
        operation.Parameters =
        [
            .. link.PathMembers.Select(name => Parameter(name, ParameterLocation.Path)),
            .. link.QueryMembers.Select(name => Parameter(name, ParameterLocation.Query)),
        ];
        operation.Responses = RpcOperations.ResponsesOf(context, link.Rpc, metadata);
        RpcOperations.AddHeaders(operation.Responses, keepsAnswer: false);
    }
}
