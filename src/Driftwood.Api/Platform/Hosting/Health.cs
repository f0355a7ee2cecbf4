using Driftwood.Api.Platform.Requests;
using Driftwood.Data;
using Driftwood.Storage;
using Npgsql;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>The probes of orchestrators: healthz tells that the process lives, readyz that it can serve.</summary>
internal static class Health
{
    // Orchestrators give a probe a second or a few.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Json(new Report("alive", null), WireJson.Options))
            .WithName("healthz").ExcludeFromDescription();
        app.MapGet("/readyz", ReadyAsync).WithName("readyz").ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(ReservedConnections reserved, IUploadStore uploads, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var waitsFor = "The database";
        try
        {
            await using var db = reserved.CreateContext();
            if (!await Migrator.IsCurrentAsync(db, patience.Token))
                return NotReady("The database's schema is older than this build: run the migrate command.");
            waitsFor = "The storage of uploads";
            await uploads.CheckAsync(patience.Token);
            return Results.Json(new Report("ready", null), WireJson.Options);
        }
        catch (NpgsqlException)
        {
            return NotReady("The database cannot be reached.");
        }
        catch (StorageUnavailableException unavailable)
        {
            return NotReady(unavailable.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotReady($"{waitsFor} does not answer.");
        }
    }

    private static IResult NotReady(string reason) =>
        Results.Json(new Report("not_ready", reason), WireJson.Options, statusCode: StatusCodes.Status503ServiceUnavailable);

    private sealed record Report(string Status, string? Reason);
}
