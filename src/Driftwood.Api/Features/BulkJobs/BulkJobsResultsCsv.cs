using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Results;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsResultsCsv
{
    public const string ContentType = "text/csv; charset=utf-8";

    public const string Example = """
        index,entity_id,external_id,outcome,code,message
        0,550e8400-e29b-41d4-a716-446655440000,,succeeded,,
        1,550e8400-e29b-41d4-a716-446655440001,,failed,not_found,There is no such record.

        """;

    // Of some 200 bytes each; between two pages no connection waits for a slow caller.
    private const int PageRows = 5_000;

    internal sealed record Request
    {
        public required Guid Id { get; init; }

        /// <summary>succeeded or failed; all without it.</summary>
        public string? Outcome { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.Outcome).OneOf("succeeded", "failed");
    }

    public static async Task<IResult> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, BulkResults results, CancellationToken cancellationToken)
    {
        await db.RequireBulkJobAsync(caller, request.Id, cancellationToken);
        Task<ResultPage> ReadAsync(long after) =>
            results.ReadAsync(caller.AccountId, request.Id, BulkJobsResults.ReadOutcome(request.Outcome), after, PageRows, cancellationToken);
        // Before the first byte is out, a failure can still be told.
        var first = await ReadAsync(BulkResults.Start);
        return Results.Stream(stream => WriteAsync(stream, first, ReadAsync, cancellationToken), ContentType, $"bulk-job-{request.Id}-results.csv");
    }

    private static async Task WriteAsync(Stream stream, ResultPage page, Func<long, Task<ResultPage>> readAsync, CancellationToken cancellationToken)
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
