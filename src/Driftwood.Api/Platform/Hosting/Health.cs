using Driftwood.Api.Platform.Requests;
using Driftwood.Data;
using Npgsql;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>The probes of orchestrators: healthz tells that the process lives, readyz that it can serve.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Json(new Report("alive", null), WireJson.Options))
            .WithName("healthz").ExcludeFromDescription();
        app.MapGet("/readyz", ReadyAsync).WithName("readyz").ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(DriftwoodDb db, CancellationToken cancellationToken)
    {
        try
        {
            return await Migrator.IsCurrentAsync(db, cancellationToken)
                ? Results.Json(new Report("ready", null), WireJson.Options)
                : NotReady("The database's schema is older than this build: run the migrate command.");
        }
        catch (NpgsqlException)
        {
            return NotReady("The database cannot be reached.");
        }
    }

    private static IResult NotReady(string reason) =>
        Results.Json(new Report("not_ready", reason), WireJson.Options, statusCode: StatusCodes.Status503ServiceUnavailable);

    private sealed record Report(string Status, string? Reason);
}
