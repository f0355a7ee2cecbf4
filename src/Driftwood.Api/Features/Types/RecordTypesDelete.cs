using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Types;

internal static class RecordTypesDelete
{
    /// <summary>Records are counted up to this number. An exact number of millions would not help anybody.</summary>
    private const int MaxCounted = 1_000;

    /// <summary>Maximum jobs that a message names.</summary>
    private const int MaxNamed = 20;

    private static readonly JobStatus[] Unfinished = [JobStatus.Pending, JobStatus.Uploaded, JobStatus.Processing, JobStatus.Paused];

    public static readonly Result Example = new("tickets", Deleted: true);

    internal sealed record Request
    {
        public required string Key { get; init; }
    }

    internal sealed record Result(string Key, bool Deleted);

    public static async Task<Result> HandleAsync(Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var type = await db.LockTypeAsync(caller, request.Key, cancellationToken);
        await RequireNoRecordsAsync(db, type, cancellationToken);
        await RequireNoJobsAsync(db, type, cancellationToken);
        // The fields go with the schema, including deleted ones. A running cleanup finds nothing left to do.
        await db.Database.ExecuteSqlAsync($"""
            delete from unique_values
            where account_id = {type.AccountId}
              and (field_id = {type.Id} or field_id in (
                  select id from fields where account_id = {type.AccountId} and record_type = {type.Key}))
            """, cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"delete from record_schemas where account_id = {type.AccountId} and record_type = {type.Key}", cancellationToken);
        db.RecordTypes.Remove(type);
        await db.SaveChangesAsync(cancellationToken);
        return new Result(type.Key, Deleted: true);
    }

    private static async Task RequireNoRecordsAsync(DriftwoodDb db, CustomRecordType type, CancellationToken cancellationToken)
    {
        var counts = await db.Database.SqlQuery<int>($"""
            select count(*)::int as "Value"
            from (select from custom_records where account_id = {type.AccountId} and type_id = {type.Id} limit {MaxCounted + 1}) r
            """).ToListAsync(cancellationToken);
        if (counts[0] == 0) return;
        var found = counts[0] switch
        {
            1 => "1 record",
            > MaxCounted => FormattableString.Invariant($"more than {MaxCounted:N0} records"),
            var count => $"{count} records",
        };
        throw new ApiException(ErrorCodes.HasRecords, $"Found {found} of {type.Key}, expected none; delete them first, with a bulk job.");
    }

    private static async Task RequireNoJobsAsync(DriftwoodDb db, CustomRecordType type, CancellationToken cancellationToken)
    {
        var jobs = await db.Jobs.AsNoTracking()
            .Where(job => job.AccountId == type.AccountId && job.RecordType == type.Key && job.Kind != JobKind.Maintenance
                && Unfinished.Contains(job.Status))
            .OrderBy(job => job.Id)
            .Select(job => job.Id)
            .Take(MaxNamed)
            .ToListAsync(cancellationToken);
        if (jobs.Count == 0) return;
        throw new ApiException(
            ErrorCodes.HasJobs,
            $"Imports or bulk jobs of {type.Key} are not finished; wait for them or cancel them: {string.Join(", ", jobs)}.");
    }
}
