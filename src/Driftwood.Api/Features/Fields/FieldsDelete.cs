using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Lanes;

namespace Driftwood.Api.Features.Fields;

internal static class FieldsDelete
{
    public static readonly Result Example = new(FieldView.Example.Id, Deleted: true);

    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    internal sealed record Result(Guid Id, bool Deleted);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, ILaneQueue queue, AfterCommit afterCommit, TimeProvider clock,
            CancellationToken cancellationToken)
    {
        var field = await db.LockFieldAsync(caller, request.Id, cancellationToken);
        var now = clock.GetUtcNow();
        field.DeletedAt = now;
        var job = NewJob(field, caller, now);
        db.MaintenanceJobs.Add(new MaintenanceJob { AccountId = caller.AccountId, Id = job.Id, FieldId = field.Id, Job = job });
        var lanes = JobLanes.Add(db, caller.AccountId, job.Id, 1, now);
        await db.SaveChangesAsync(cancellationToken);
        await db.RenewVersionAsync(caller, field.RecordType, cancellationToken);
        afterCommit.Add(token => queue.WakeAsync(lanes, token));
        return new Result(field.Id, Deleted: true);
    }

    private static Job NewJob(CustomField field, Caller caller, DateTimeOffset now) => new()
    {
        AccountId = caller.AccountId,
        Id = Guid.CreateVersion7(now),
        Kind = JobKind.Maintenance,
        RecordType = field.RecordType,
        Status = JobStatus.Processing,
        CreatedBy = caller.UserId,
        CreatedAt = now,
        UpdatedAt = now,
        StartedAt = now,
    };
}
