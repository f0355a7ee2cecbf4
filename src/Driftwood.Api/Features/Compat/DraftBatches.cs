using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Compat;

/// <summary>Bulk jobs that have no operation yet. They are no jobs before they have it.</summary>
internal sealed class DraftBatches(DriftwoodDb db, TimeProvider clock)
{
    /// <summary>Maximum batches of an account that have no operation.</summary>
    public const int Max = 100;

    public IQueryable<DraftBatch> Of(Caller caller) => db.DraftBatches.Where(draft => draft.AccountId == caller.AccountId);

    /// <summary>Adds one, in the request's transaction.</summary>
    /// <returns>Its id, which will be that of its job.</returns>
    /// <exception cref="ApiException">429.</exception>
    public async Task<Guid> AddAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (await Of(caller).CountAsync(cancellationToken) >= Max)
        {
            var message = $"{Max} batches have no operation yet; more are refused until they get theirs.";
            throw new ApiException(ErrorCodes.TooManyJobs, message) { RetryAfter = TimeSpan.FromSeconds(5) };
        }

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        db.DraftBatches.Add(new DraftBatch { AccountId = caller.AccountId, Id = id, CreatedBy = caller.UserId, CreatedAt = now });
        await db.SaveChangesAsync(cancellationToken);
        return id;
    }

    /// <summary>Takes one away, so that its job can be made. Of two requests at the same time one gets it.</summary>
    /// <returns>Null if there is none.</returns>
    public async Task<DraftBatch?> TakeAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var draft = await Of(caller).AsNoTracking().SingleOrDefaultAsync(each => each.Id == id, cancellationToken);
        var taken = await Of(caller).Where(each => each.Id == id).ExecuteDeleteAsync(cancellationToken);
        return taken == 1 ? draft : null;
    }
}
