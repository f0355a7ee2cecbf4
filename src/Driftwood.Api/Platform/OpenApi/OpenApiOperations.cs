using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>Describes every RPC from its metadata: body, answers, examples, headers.</summary>
internal sealed class RpcOperations : IOperationFilter
{
    private const string Json = "application/json";

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<RpcRoute>().FirstOrDefault() is not { } route)
            return;
        var example = metadata.OfType<RouteExample>().LastOrDefault();
        operation.Description = DescriptionOf(operation, metadata);
        // A client that is generated from the document sends no body where the route reads none.
        operation.RequestBody = route.Handler.RequestType is null ? null : new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                [Json] = Asked(context, route, example?.Request),
            },
        };
        operation.Responses = ResponsesOf(context, route, metadata);
        var keepsAnswer = metadata.OfType<Transactional>().LastOrDefault() is { KeepsAnswer: true };
        if (keepsAnswer) (operation.Parameters ??= []).Add(IdempotencyKey());
        AddHeaders(operation.Responses, keepsAnswer);
    }

    /// <summary>The answers of a route: its success and the failures that it may have.</summary>
    internal static OpenApiResponses ResponsesOf(OperationFilterContext context, RpcRoute route, IList<object> metadata)
    {
        var example = metadata.OfType<RouteExample>().LastOrDefault();
        var responses = new OpenApiResponses { ["200"] = Success(context, route, metadata, example) };
        foreach (var failure in FailureExamples.For(metadata)) responses[failure.Status] = Failure(context, failure);
        return responses;
    }

    private static OpenApiMediaType Asked(OperationFilterContext context, RpcRoute route, string? first)
    {
        var media = Media(context, route.Request.Type, first);
        foreach (var (name, summary, request) in FurtherExamples.For(route.Name))
            media.Examples!.Add(name, new OpenApiExample { Summary = summary, Value = JsonNode.Parse(request) });
        return media;
    }

    /// <summary>The route's description, and the scope that it needs.</summary>
    internal static string DescriptionOf(OpenApiOperation operation, IList<object> metadata)
    {
        return $"{operation.Description}\n\n{ScopeOf(metadata)}".TrimStart('\n');
    }

    /// <summary>The sentence that says which scope a token needs.</summary>
    internal static string ScopeOf(IList<object> metadata)
    {
        string[] scopes = [.. metadata.OfType<RequiredScope>().Last().AnyOf.Select(scope => $"`{scope}`")];
        return $"Needs a token with the scope {Scopes.Join(scopes)}.";
    }

    private static OpenApiResponse Success(
        OperationFilterContext context, RpcRoute route, IList<object> metadata, RouteExample? example)
    {
        var files = metadata.OfType<AnswerContent>().ToDictionary(file => file.ContentType, FileMedia);
        if (files.Count > 0) return new OpenApiResponse { Description = "The file", Content = files };

        var body = typeof(Envelope.SuccessBody<>).MakeGenericType(route.Handler.ResultType);
        var envelope = example?.Result is { } result ? $$"""{"ok":true,"result":{{result}}}""" : null;
        return Response("Success", Json, Media(context, body, envelope));
    }

    private static IOpenApiMediaType FileMedia(AnswerContent file) => new OpenApiMediaType
    {
        // Clients that are generated from the document take the file as bytes, not as JSON.
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
        Examples = file.Example is null ? null : new Dictionary<string, IOpenApiExample>
        {
            ["example"] = new OpenApiExample { Value = JsonValue.Create(file.Example) },
        },
    };

    internal static OpenApiResponse Failure(OperationFilterContext context, FailureExamples.Example failure) =>
        Response(failure.Description, Json, Media(context, typeof(Envelope.FailureBody), failure.Json));

    internal static OpenApiResponse Response(string description, string contentType, OpenApiMediaType media) => new()
    {
        Description = description,
        Content = new Dictionary<string, IOpenApiMediaType> { [contentType] = media },
    };

    internal static OpenApiMediaType Media(OperationFilterContext context, Type type, string? example) =>
        Media(context.SchemaGenerator.GenerateSchema(type, context.SchemaRepository), example);

    internal static OpenApiMediaType Media(IOpenApiSchema schema, string? example) => new()
    {
        Schema = schema,
        Examples = example is null ? null : new Dictionary<string, IOpenApiExample>
        {
            ["example"] = new OpenApiExample { Value = JsonNode.Parse(example) },
        },
    };

    internal static OpenApiParameter IdempotencyKey() => new()
    {
        Name = Idempotency.Header,
        In = ParameterLocation.Header,
        // Without an example: pages that fill it in would send one key with different requests.
        Description = "Up to 255 characters such as 3f1c9d52-leads-june, new for each request, kept for 24 hours at least. The same key "
            + "and request get the first answer again, with Idempotent-Replayed: true; the same key with another request is 422.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
    };

    internal static void AddHeaders(OpenApiResponses responses, bool keepsAnswer)
    {
        foreach (var (status, response) in responses)
        {
            if (response is not OpenApiResponse own) continue;
            var isSuccess = status[0] == '2';
            own.Headers ??= new Dictionary<string, IOpenApiHeader>();
            own.Headers[RequestIds.Header] = Header(JsonSchemaType.String, "The id of the request, as in the log.");
            if (isSuccess || status == "429")
            {
                own.Headers[RateLimitHeaders.Limit] = Header(JsonSchemaType.Integer, "Requests a second that the account may send.");
                own.Headers[RateLimitHeaders.Remaining] = Header(JsonSchemaType.Integer, "How many of them are left.");
                own.Headers[RateLimitHeaders.Reset] = Header(JsonSchemaType.Integer, "Seconds until all of them are there again.");
            }

            if (status is "429" or "503") own.Headers["Retry-After"] = Header(JsonSchemaType.Integer, "Seconds to wait.");
            if (isSuccess && keepsAnswer)
            {
                own.Headers[Idempotency.ReplayedHeader] = Header(
                    JsonSchemaType.String, "true if this is the answer to an earlier request.");
            }
        }
    }

    private static OpenApiHeader Header(JsonSchemaType type, string description) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = type } };
}
