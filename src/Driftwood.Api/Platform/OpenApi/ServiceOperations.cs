using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Api.Platform.Services;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>Describes every route that serves another service's clients, from its metadata.</summary>
internal sealed class ServiceOperations : IOperationFilter
{
    private const string Json = "application/json";

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<ServiceRoute>().FirstOrDefault() is not { } route) return;
        var example = metadata.OfType<ServiceExample>().LastOrDefault();
        operation.Description = $"{operation.Description}\n\n{RpcOperations.ScopeOf(metadata)}".TrimStart('\n');
        operation.Parameters = [.. PathOf(route), .. QueryOf(metadata)];
        operation.RequestBody = route.Handler.RequestType is null ? null : new OpenApiRequestBody
        {
            Required = !route.BodyIsOptional,
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                [Json] = RpcOperations.Media(context, route.Request.Type, example?.Request),
            },
        };
        var status = metadata.OfType<ServiceForm>().Last().Status.ToString(CultureInfo.InvariantCulture);
        operation.Responses = new OpenApiResponses { [status] = Response("Success", example?.Answer) };
        foreach (var (failed, description, body) in FailuresOf(metadata)) operation.Responses[failed] = Response(description, body);
        var keepsAnswer = metadata.OfType<Transactional>().LastOrDefault() is { KeepsAnswer: true };
        if (keepsAnswer) operation.Parameters.Add(RpcOperations.IdempotencyKey());
        RpcOperations.AddHeaders(operation.Responses, keepsAnswer);
    }

    private static IEnumerable<IOpenApiParameter> PathOf(ServiceRoute route) =>
        RoutePatternFactory.Parse(route.Path).Parameters.Select(parameter => new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Path,
            Required = true,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    private static IEnumerable<IOpenApiParameter> QueryOf(IList<object> metadata) =>
        metadata.OfType<ServiceQuery>().Select(query => new OpenApiParameter
        {
            Name = query.Name,
            In = ParameterLocation.Query,
            Description = query.Description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = query.Example is { } example ? JsonValue.Create(example) : null,
        });

    private static IEnumerable<(string Status, string Description, string Json)> FailuresOf(IList<object> metadata)
    {
        var dialect = metadata.OfType<ServiceDialect>().Single();
        (string Description, ApiException Failure)[] failures =
        [
            ("No token, or one that is refused", new(ErrorCodes.Unauthenticated, "The token is unknown, expired or revoked.")),
            ("The token lacks the scope", ApiException.Forbidden("This needs a token with the scope write; this one has: read.")),
            ("It does not exist in this account", ApiException.NotFound("bulk job", "550e8400-e29b-41d4-a716-446655440000")),
            ("More requests than the account may send", new(ErrorCodes.RateLimited, "More than 500 requests a second that read.")),
            ("The database is away", new(ErrorCodes.DatabaseUnavailable, "The database cannot be reached at the moment.")),
        ];
        foreach (var (description, failure) in failures)
        {
            var answer = dialect.RefusalOf(failure, new DefaultHttpContext());
            yield return (answer.Status.ToString(CultureInfo.InvariantCulture), description, Encoding.UTF8.GetString(answer.Body));
        }
    }

    private static OpenApiResponse Response(string description, string? example) =>
        RpcOperations.Response(description, Json, RpcOperations.Media(new OpenApiSchema { Type = JsonSchemaType.Object }, example));
}
