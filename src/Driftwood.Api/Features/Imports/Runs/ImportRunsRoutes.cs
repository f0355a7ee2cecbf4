using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Imports.Runs;

internal static class ImportRunsRoutes
{
    /// <summary>The name of the route.</summary>
    public const string Name = "imports-run";

    public static void AddImportRuns(this IServiceCollection services)
    {
        services.AddScoped<RunForm>();
        services.AddScoped<RunUpload>();
        services.AddScoped<RunReading>();
        services.AddScoped<RunAnswers>();
        services.AddScoped<RunConfirmation>();
        services.ConfigureSwaggerGen(options => options.OperationFilter<RunOperation>());
    }

    public static void MapImportRuns(this IEndpointRouteBuilder api)
    {
        var handler = new RpcHandler(ImportsRun.HandleAsync);
        api.MapPost(Name, (Delegate)((HttpContext http) => handler.InvokeAsync(http, request: null)))
            .WithName(Name)
            .WithTags("Imports")
            .WithSummary("A whole import in one request, for scripts")
            .WithDescription(
                """
                Uploads the file, reads it and confirms the import. The answer is that of imports-confirm: the job, which runs on; its
                `links` lead to the results. The parts may come in any order, and the file is as large as an upload may be.

                Without `options`, `profile_id` or `like`, the suggested mapping is taken if it is certain: every column that has values
                has a suggestion with a confidence of 0.8 or more, or was mapped so in the last two imports of the same columns; and one
                of them is a field that rows are matched on. If it is not, the answer is 422 `mapping_unclear`; each of `details` names a
                column. The error then has `job` and `preview`, as imports-complete-upload answers them: the import waits and can be
                confirmed by its id. It is the same for every other refusal of the settings.

                A file that cannot be read is refused as imports-complete-upload refuses it, and its import is cancelled.
                """)
            .RequireScope(Scopes.Bulk, Scopes.Write)
            .WithMetadata(new OwnTransaction(), new OwnTurn(), new RunRoute())
            .AddEndpointFilter<TransactionFilter>();
    }
}

/// <summary>Endpoint metadata: the whole import in one request.</summary>
internal sealed record RunRoute;
