using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Features.RecycleBin;

internal static class RecycleBinRoutes
{
    private const string Ids = "\"ids\": [\"01977c20-51b8-7d10-a6a5-9b1f0f6d2c11\"]";

    private static readonly BulkJobView Restoring = BulkJobView.Example with
    {
        Operation = JobOperation.Restore,
        EntityIds = null,
        Status = JobStatus.Processing,
        TotalCount = 1,
        ProcessedCount = 0,
        SuccessCount = 0,
        CompletedAt = null,
        RowsPerSecond = null,
    };

    public static void AddRecycleBin(this IServiceCollection services)
    {
        services.AddSingleton(provider => new DeletedRecords(provider.GetRequiredService<NpgsqlDataSource>())
        {
            Timeout = TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Records.QuerySeconds),
        });
        services.AddScoped<NamedRecordsServices>();
        services.AddScoped<RecordsRestore>();
        services.AddScoped<RecordsErase>();
    }

    /// <summary>Maps the verbs: once for any type, which the request names, and once for each built-in type.</summary>
    public static void MapRecycleBin(this IEndpointRouteBuilder api)
    {
        Map(api, null);
        foreach (var type in RecordTypes.BuiltIn) Map(api, type);
    }

    private static void Map(IEndpointRouteBuilder api, RecordType? type)
    {
        var records = api.MapGroup("").WithTags(type?.Label ?? "Records");
        MapDeletedList(records, type);
        MapRestore(records, type);
        MapErase(records, type);
    }

    /// <summary>The route of a verb.</summary>
    private static string RouteOf(RecordType? type, string verb) => $"{type?.Key ?? "records"}-{verb}";

    /// <summary>A request with these members, and the type if the route does not say it.</summary>
    private static string RequestOf(RecordType? type, params string[] members)
    {
        string[] all = type is null ? ["\"record_type\": \"contacts\"", .. members] : members;
        return $"{{{string.Join(", ", all)}}}";
    }

    private static void MapDeletedList(RouteGroupBuilder records, RecordType? type)
    {
        records.MapRpc(RouteOf(type, "deleted-list"), type is null ? RecordsDeletedList.HandleAsync : RecordsDeletedList.Of(type))
            .WithSummary("The deleted records, the one deleted last first")
            .WithDescription(
                """
                When, by whom and by which job each was deleted, and what it held. A record that came back is not listed. Deleted records
                hold no unique value: others may take it. Kept for 30 days (`Driftwood:Changes:Days`). A `filter` compares what deleted
                records held, and `deleted_at`, `deleted_by` and `deleted_by_job`. It finds the records that the restore route would bring
                back with the same filter. One that takes too long is 422 `query_too_slow`: a limit on `deleted_at` makes it fast.
                """)
            .WithExample(RequestOf(type), RecordsDeletedList.Example)
            .Reads()
            .Searches();
    }

    private static void MapRestore(RouteGroupBuilder records, RecordType? type)
    {
        records.MapRpc(RouteOf(type, "restore"), type is null ? RecordsRestore.HandleAsync : RecordsRestore.Of(type))
            .WithSummary("Bring deleted records back")
            .WithDescription(
                """
                The records are named by exactly one of `ids`, `filter` and `job`. `job` means all records that the job deleted and that are
                still deleted; `filter` compares what deleted records held, and `deleted_at`, `deleted_by` and `deleted_by_job`. Those are
                found when the job starts: `total_count` is 0 until then and exact afterwards. If `expected_count` is another number, the
                job fails with an `error_message` that begins with count_mismatch, and nothing is done; with `ids` the answer is a 409.

                Creates a bulk job with the operation `restore`, which bulk-jobs-get, -results, -pause, -resume, -cancel and jobs-undo know
                like any other. Each record comes back under its id as its last deletion found it, with tags, links and unique values. It
                fails alone with `duplicate_value` where another record has a unique value by now, or the record is there again, and with
                `not_found` where a record that it pointed to is gone. 422 `not_found` names ids whose deletion the change log does not
                have, or has without what the record held, and a job that deleted nothing. To take back all that a job did, use jobs-undo.
                """)
            .WithExample(RequestOf(type, Ids), Restoring)
            .RequireScope(Scopes.Bulk, Scopes.Write)
            .AsCreate();
    }

    private static void MapErase(RouteGroupBuilder records, RecordType? type)
    {
        records.MapRpc(RouteOf(type, "erase"), type is null ? RecordsErase.HandleAsync : RecordsErase.Of(type))
            .WithSummary("Delete records with all that is kept of them")
            .WithDescription(
                """
                Creates a bulk job with the operation `erase`. It deletes the records that are still there, and takes all that is kept of
                them, and of records that were deleted before, out of the change log, row errors and warnings, items, receipts, uploaded
                files and answers kept for an `Idempotency-Key`. Rows and counters stay: a file's row has blank cells, and a receipt's line
                still has its number, outcome, record and code. A row is about a record if the change log says so, or if it has one of the
                record's e-mail addresses, phone numbers, or external IDs of eight or more characters, as they are now or were. While an
                import or a job with items runs that has such a row, the erasure waits. It cannot be undone.
                """)
            .WithExample(RequestOf(type, Ids), Restoring with { Operation = JobOperation.Erase })
            .RequireScope(Scopes.BulkDelete, Scopes.Write)
            .AsCreate();
    }
}
