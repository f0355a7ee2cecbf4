using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>What only the account's records and jobs can say against a new bulk job.</summary>
internal static class BulkJobRules
{
    /// <exception cref="ApiException">429, naming the jobs that are queued or running.</exception>
    public static async Task RequireRoomAsync(DriftwoodDb db, Caller caller, int most, CancellationToken cancellationToken)
    {
        // Creates of one account wait for each other here, so that two cannot take the last place together.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"bulk-jobs-create " + caller.AccountId}, 0))", cancellationToken);
        var running = await db.BulkJobs(caller)
            .Where(job => job.Status == JobStatus.Pending || job.Status == JobStatus.Processing)
            .OrderBy(job => job.Id)
            .Select(job => job.Id)
            .ToListAsync(cancellationToken);
        if (running.Count < most) return;
        var message = $"{running.Count} bulk jobs are queued or running, {most} at most may be: {string.Join(", ", running)}.";
        throw new ApiException(ErrorCodes.TooManyJobs, message) { RetryAfter = TimeSpan.FromSeconds(5) };
    }

    /// <exception cref="ApiException">409 with the number found.</exception>
    public static void RequireCount(long? expected, long found)
    {
        if (expected is { } count && count != found) throw new ApiException(ErrorCodes.CountMismatch, $"Found {found} records, expected {count}. Nothing was done.");
    }

    /// <exception cref="ApiException">422 for each unique field that several records would have the same value in.</exception>
    public static void RequireOneForUnique(BulkOperation operation, RecordType type, long found)
    {
        if (found <= 1 || operation is not UpdateOperation { Values: var values }) return;
        List<Fault> problems = [.. operation.UniqueFieldsSet(type).Select(field => new Fault(
            $"params.fields.{values.PathOf(field)}", "not_unique", $"Its values are unique, so it can be set on one record only; found {found}."))];
        if (problems.Count > 0) throw ApiException.Validation(problems);
    }

    /// <exception cref="ApiException">422 for a reference to a record that is not there.</exception>
    public static async Task RequireReferencesAsync(
        DriftwoodDb db, Caller caller, BulkOperation operation, RecordType type, CancellationToken cancellationToken)
    {
        if (operation is not UpdateOperation { Values: var values }) return;
        foreach (var field in type.Columns.Where(field => field.Target is not null && values[field.Key] is not null))
        {
            var id = Guid.Parse(values[field.Key]!);
            if (!await BulkTargets.ExistsAsync(db.Connection(), caller.AccountId, field.Target!, id, cancellationToken))
            {
                throw ApiException.Validation($"params.fields.{field.Key}", "not_found", $"There is no such record in {field.Target}.");
            }
        }
    }
}
