using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Deletes the answers kept for idempotency keys that are older than callers may rely on.</summary>
internal sealed class IdempotencyKeyExpiry(NpgsqlDataSource database, TimeProvider clock, SqlDialect dialect) : IMaintenanceTask
{
    /// <summary>An answer may be megabytes, and one statement for all of them could outlast any time-out.</summary>
    private const int BatchSize = 500;

    /// <summary>Twice the 24 hours that the contract promises.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(48);

    public string Name => "idempotency_key_expiry";

    /// <summary>Nobody waits for it; often enough that no run has many to delete.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public Task<long> RunAsync(CancellationToken cancellationToken) => OldRows.DeleteAsync(
        database, "idempotency_keys", ["account_id", "key"], "created_at", clock.GetUtcNow() - MinAge, BatchSize, dialect,
        cancellationToken);
}
