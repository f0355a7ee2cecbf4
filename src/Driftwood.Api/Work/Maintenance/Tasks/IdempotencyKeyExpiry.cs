using Driftwood.Data;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Deletes the answers kept for idempotency keys that are older than callers may rely on.</summary>
internal sealed class IdempotencyKeyExpiry(IServiceScopeFactory scopes, TimeProvider clock) : IMaintenanceTask
{
    /// <summary>An answer may be megabytes, and one statement for all of them could outlast any time-out.</summary>
    private const int BatchSize = 500;

    /// <summary>Twice the 24 hours that the contract promises.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(48);

    public string Name => "idempotency_key_expiry";

    /// <summary>Nobody waits for it; often enough that no run has many to delete.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var keys = scope.ServiceProvider.GetRequiredService<DriftwoodDb>().IdempotencyKeys;
        var before = clock.GetUtcNow() - MinAge;
        var deleted = 0L;
        while (true)
        {
            var batch = await keys
                .Where(k => keys.Where(old => old.CreatedAt < before).OrderBy(old => old.CreatedAt).Take(BatchSize)
                    .Any(old => old.AccountId == k.AccountId && old.Key == k.Key))
                .ExecuteDeleteAsync(cancellationToken);
            deleted += batch;
            if (batch < BatchSize) return deleted;
        }
    }
}
