using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>The rules for a new bulk job that depend on the account's records and jobs.</summary>
internal sealed class BulkJobRules(DriftwoodDb db, BulkSelections selections, IOptions<DriftwoodOptions> options)
{
    /// <exception cref="ApiException">429, naming the jobs that are queued or running.</exception>
    public async Task RequireRoomAsync(Caller caller, CancellationToken cancellationToken)
    {
        var running = await ListRunningAsync(caller, cancellationToken);
        var max = options.Value.Jobs.MaxActiveJobsPerAccount;
        if (running.Count < max) return;
        var message = $"{running.Count} bulk jobs are queued or running, at most {max} may be: {string.Join(", ", running)}.";
        throw new ApiException(ErrorCodes.TooManyJobs, message) { RetryAfter = TimeSpan.FromSeconds(5) };
    }

    /// <summary>The jobs that are queued or running, while no other request of the account can create one.</summary>
    private async Task<List<Guid>> ListRunningAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(db.Connection());
        // Creates of one account wait for each other here, so that two cannot both take the last place.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = $"bulk-jobs-create {caller.AccountId}" } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "select id from jobs where account_id = $1 and kind = 'bulk' and status in ('pending', 'processing') order by id")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = caller.AccountId } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        List<Guid> running = [];
        while (await reader.ReadAsync(cancellationToken)) running.Add(reader.GetGuid(0));
        return running;
    }

    /// <exception cref="ApiException">422 for what the account's records do not allow, such as a reference to no record.</exception>
    public async Task RequireNoFaultAsync(BulkOperation operation, Caller caller, CancellationToken cancellationToken)
    {
        if (await operation.FindFaultAsync(db.Connection(), caller.AccountId, cancellationToken) is { } fault) RequireNone([fault]);
    }

    /// <summary>
    /// For a job without an expected count that is about to start. The caller has to say how many records it is about if it is about
    /// all records of the type, or deletes many that only the database knows.
    /// </summary>
    /// <exception cref="ApiException">422 with the number of records.</exception>
    /// <exception cref="RecordQueryTimeoutException">The count took too long.</exception>
    public async Task RequireConfirmedAsync(
        OperationName operation, IRecordTargets targets, Caller caller, CancellationToken cancellationToken)
    {
        if (targets.Listed is not null) return;
        var most = options.Value.Jobs.ConfirmAbove;
        var isAboutAll = targets.Records.Filter is null;
        if (!isAboutAll && operation != OperationName.Delete) return;
        if (!isAboutAll && await selections.CountUpToAsync(targets, most + 1L, caller, cancellationToken) <= most) return;
        var found = await selections.CountAsync(targets, caller, cancellationToken);
        var why = isAboutAll
            ? $"the selection has no condition and finds all {found} records."
            : $"the selection finds {found} records, and a delete of more than {most} needs their number.";
        throw ApiException.Validation(
            "expected_count", "required", $"Missing: {why} Count them with bulk-jobs-count, and send that number.");
    }

    /// <exception cref="ApiException">422 with all faults.</exception>
    public static void RequireNone(IEnumerable<Fault> faults)
    {
        List<Fault> details = [.. faults];
        if (details.Count > 0) throw ApiException.Validation(details);
    }

    /// <exception cref="ApiException">409 with the number found.</exception>
    public static void RequireCount(long? expected, long found)
    {
        if (expected is null || expected == found) return;
        throw new ApiException(ErrorCodes.CountMismatch, $"Found {found} records, expected {expected}. Nothing was done.");
    }
}
