using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine;
using Driftwood.Engine.Bulk.Results;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsResultsCsv
{
    public const string ContentType = "text/csv; charset=utf-8";

    public const string Example = """
        index,entity_id,external_id,outcome,code,message,effect
        0,550e8400-e29b-41d4-a716-446655440000,,succeeded,,,deleted
        1,550e8400-e29b-41d4-a716-446655440001,,failed,not_found,There is no such record.,

        """;

    // Rows have about 200 bytes each. No connection is held between two pages, so a slow caller blocks none.
    private const int PageRows = 5_000;

    internal sealed record Request
    {
        public required Guid Id { get; init; }

        /// <summary>succeeded or failed. Without it: all.</summary>
        public TargetOutcome? Outcome { get; init; }
    }

    public static async Task<IResult> HandleAsync(
        Request request, Caller caller, BulkJobReader jobs, BulkResults results, NamedRecords named, ChangedFields changed,
        CancellationToken cancellationToken)
    {
        await jobs.RequireAsync(caller, request.Id, cancellationToken);
        async Task<ResultPage<TargetResult>> ReadAsync(long after)
        {
            var page = await results.ReadAsync(caller.AccountId, request.Id, request.Outcome, after, PageRows, cancellationToken);
            var items = await named.AddAsync(caller.AccountId, request.Id, page.Items, cancellationToken);
            return page with { Items = await changed.AddAsync(caller.AccountId, request.Id, items, cancellationToken) };
        }

        // The first page is read before the first byte is sent, so that a failure can still be answered.
        var first = await ReadAsync(BulkResults.Start);
        var name = $"bulk-job-{request.Id}-results.csv";
        return Results.Stream(stream => WriteAsync(stream, first, ReadAsync, cancellationToken), ContentType, name);
    }

    private static async Task WriteAsync(
        Stream stream, ResultPage<TargetResult> page, Func<long, Task<ResultPage<TargetResult>>> readAsync,
        CancellationToken cancellationToken)
    {
        await using var csv = new ResultsCsv(stream);
        await csv.WriteHeaderAsync(cancellationToken);
        while (true)
        {
            foreach (var result in page.Items) await csv.WriteAsync(result, cancellationToken);
            if (page.Next is not { } next) return;
            page = await readAsync(next);
        }
    }
}
