using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.OpenApi;
using Driftwood.Api.Platform.Rpc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>Describes <c>PUT /uploads/{jobId}</c>, so that a whole import runs from the pages of the OpenAPI document.</summary>
internal sealed class UploadsOperation : IOperationFilter
{
    private const string Example =
        """
        {"ok": true, "result": {"job_id": "550e8400-e29b-41d4-a716-446655440000", "byte_length": 183214,
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}
        """;

    private static readonly (string Name, string Description)[] Signed =
    [
        ("expires", "When the URL expires, in seconds since 1970."),
        ("max_bytes", "The largest file that is taken."),
        ("content_type", "The Content-Type to send."),
        ("key", "The name of the signing key."),
        ("signature", "The signature over all of these."),
    ];

    private static readonly (ErrorCode Code, string Message)[] Failures =
    [
        (ErrorCodes.UploadTruncated, "The upload ended after 4096 bytes; nothing was kept. Send it again."),
        (ErrorCodes.SignatureExpired, "The signed URL has expired; request a new upload."),
        (ErrorCodes.NotFound, "There is no upload 550e8400-e29b-41d4-a716-446655440000."),
        (ErrorCodes.InvalidState, "The file can no longer be replaced: its upload was completed, has expired, or another PUT was faster."),
        (ErrorCodes.UploadTooLarge, "The file is larger than the 5368709120 bytes that an upload may have."),
        (ErrorCodes.DatabaseUnavailable, "The database cannot be reached at the moment."),
        (ErrorCodes.StorageFull, "There is no room for the file at the moment; nothing was kept."),
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
        var success = context.SchemaGenerator.GenerateSchema(
            typeof(Envelope.SuccessBody<UploadsPut.Result>), context.SchemaRepository);
        operation.Responses = new OpenApiResponses
        {
            ["200"] = RpcOperations.Response("The file is stored", "application/json", RpcOperations.Media(success, Example)),
        };
        foreach (var (code, message) in Failures)
        {
            var failure = FailureExamples.ToExample(code.Meaning, new ApiException(code, message));
            operation.Responses[failure.Status] = RpcOperations.Failure(context, failure);
        }
    }

    private static OpenApiParameter Parameter(string name, ParameterLocation place, string description, string? format) => new()
    {
        Name = name,
        In = place,
        Required = true,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = format },
    };
}

/// <summary>Endpoint metadata: the PUT of a file.</summary>
internal sealed record UploadRoute;
