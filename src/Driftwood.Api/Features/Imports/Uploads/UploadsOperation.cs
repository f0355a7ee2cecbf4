using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>Describes <c>PUT /uploads/{jobId}</c>, so that a whole import runs from the pages of the OpenAPI document.</summary>
internal sealed class UploadsOperation : IOperationFilter
{
    private static readonly (string Name, string Description)[] Signed =
    [
        ("expires", "When the URL expires, in seconds since 1970."),
        ("max_bytes", "The largest file that is taken."),
        ("content_type", "The Content-Type to send."),
        ("key", "The name of the signing key."),
        ("signature", "The signature over all of these."),
    ];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (!context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<UploadRoute>().Any()) return;
        // The signature is the only credential.
        operation.Security = [];
        operation.Parameters =
        [
            Parameter("jobId", ParameterLocation.Path, "The import's job_id.", "uuid"),
            .. Signed.Select(part => Parameter(part.Name, ParameterLocation.Query, $"From signed_url. {part.Description}", null)),
        ];
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "The file, with the Content-Type that imports-request-upload was asked for.",
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["text/csv"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
            },
        };
        var success = context.SchemaGenerator.GenerateSchema(typeof(UploadsPut.Answer), context.SchemaRepository);
        operation.Responses = new OpenApiResponses
        {
            ["200"] = Response("The file is stored", success, UploadsPut.Example),
            ["400"] = Failure("upload_truncated", "The upload ended early; nothing was kept"),
            ["403"] = Failure("signature_expired", "The URL has expired or was changed, or the Content-Type is another one"),
            ["404"] = Failure("not_found", "There is no such upload"),
            ["409"] = Failure("invalid_state", "The upload was completed or has expired"),
            ["413"] = Failure("upload_too_large", "The file is larger than max_bytes"),
            ["503"] = Failure("database_unavailable", "The database is away; Retry-After says when to try again"),
            ["507"] = Failure("storage_full", "There is no room for the file; nothing was kept"),
        };
        OpenApiResponse Failure(string code, string description) => Response(
            description,
            context.SchemaGenerator.GenerateSchema(typeof(Platform.Rpc.Envelope.FailureBody), context.SchemaRepository),
            $$$"""
            {"ok": false, "error": {"code": "{{{code}}}", "message": "{{{description}}}.", "details": [],
                "request_id": "0197a3c2-5b1e-7c44-9a51-2f0a4be1d9c7"}}
            """);
    }

    private static OpenApiParameter Parameter(string name, ParameterLocation place, string description, string? format) => new()
    {
        Name = name,
        In = place,
        Required = true,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = format },
    };

    private static OpenApiResponse Response(string description, IOpenApiSchema schema, string example) => new()
    {
        Description = description,
        Content = new Dictionary<string, IOpenApiMediaType>
        {
            ["application/json"] = new OpenApiMediaType
            {
                Schema = schema,
                Examples = new Dictionary<string, IOpenApiExample> { ["example"] = new OpenApiExample { Value = JsonNode.Parse(example) } },
            },
        },
    };
}

/// <summary>Endpoint metadata: the PUT of a file.</summary>
internal sealed record UploadRoute;
