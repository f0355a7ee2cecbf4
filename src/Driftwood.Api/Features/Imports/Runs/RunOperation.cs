using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.OpenApi;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Faults;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Features.Imports.Runs;

/// <summary>Describes imports-run: a form with a file, and the error that has a preview.</summary>
internal sealed class RunOperation : IOperationFilter
{
    private const string Form = "multipart/form-data";
    private const string Json = "application/json";

    private static readonly (ErrorCode Code, string Message)[] Failures =
    [
        (ErrorCodes.UploadTruncated, "The upload ended after 4096 bytes; nothing was kept. Send it again."),
        (ErrorCodes.Unauthenticated, "Expected the header Authorization: Bearer <token>."),
        (ErrorCodes.Forbidden, "This needs a token with the scope bulk or write; this one has: read."),
        (ErrorCodes.RequestInProgress, "A request with this Idempotency-Key is still running; its answer can be had later."),
        (ErrorCodes.UploadTooLarge, "The file is larger than the 5368709120 bytes that an upload may have."),
        (ErrorCodes.UnsupportedMediaType, "Found Content-Type \"text/csv\", expected multipart/form-data with a boundary."),
        (ErrorCodes.RateLimited, "More than 100 requests a second that write."),
        (ErrorCodes.DatabaseUnavailable, "The database cannot be reached at the moment."),
        (ErrorCodes.StorageFull, "There is no room for the file at the moment; nothing was kept."),
    ];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (!metadata.OfType<RunRoute>().Any()) return;
        operation.Description = RpcOperations.DescriptionOf(operation, metadata);
        operation.Parameters = [RpcOperations.IdempotencyKey()];
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "curl -F model_type=contacts -F file=@leads.csv",
            Content = new Dictionary<string, IOpenApiMediaType> { [Form] = FormOf(context) },
        };
        var job = JsonSerializer.Serialize(new Envelope.SuccessBody<ImportView>(true, ImportView.Example), WireJson.Options);
        operation.Responses = new OpenApiResponses
        {
            ["200"] = RpcOperations.Response(
                "The import has begun", Json, RpcOperations.Media(context, typeof(Envelope.SuccessBody<ImportView>), job)),
            ["422"] = RpcOperations.Response(
                "The mapping is not certain, or the settings do not fit the file. Without job and preview: the form or the file is refused",
                Json, RpcOperations.Media(context, typeof(ImportsRun.FailureBody), Unclear())),
        };
        foreach (var (code, message) in Failures)
        {
            var failure = FailureExamples.ToExample(code.Meaning, new ApiException(code, message));
            operation.Responses[failure.Status] = RpcOperations.Failure(context, failure);
        }

        RpcOperations.AddHeaders(operation.Responses, keepsAnswer: true);
    }

    private static OpenApiMediaType FormOf(OperationFilterContext context)
    {
        var members = Shape.Of(typeof(ImportsRun.Request)).Members;
        var texts = TextSchemas.DescriptionsOf(context, typeof(ImportsRun.Request));
        var properties = members.ToDictionary(
            member => member.Key, IOpenApiSchema (member) => TextSchemas.Of(member.Value.Shape, texts.GetValueOrDefault(member.Key)));
        properties[RunForm.FilePart] = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Format = "binary",
            Description = "The file: delimited text, a workbook or JSON, also compressed with gzip. Its name tells JSON.",
        };
        return new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { RunForm.FilePart },
                Properties = properties,
                AdditionalPropertiesAllowed = false,
            },
        };
    }

    private static string Unclear()
    {
        var (job, preview) = (ImportsCompleteUpload.Example.Job, ImportsCompleteUpload.Example.Preview);
        var failure = new ApiException(ErrorCodes.MappingUnclear, "The suggested mapping is not certain.")
        {
            Details = [new Fault("options.column_mapping.Company", "unclear_column", "It may be company_name, with the confidence 0.6.")],
        };
        var told = Envelope.BodyOf(failure, "0197a3c2-5b1e-7c44-9a51-2f0a4be1d9c7").Error;
        return JsonSerializer.Serialize(
            new ImportsRun.FailureBody(
                false, new ImportsRun.Failure(told.Code, told.Message, told.Details, told.RequestId, job, preview)),
            WireJson.Options);
    }
}
