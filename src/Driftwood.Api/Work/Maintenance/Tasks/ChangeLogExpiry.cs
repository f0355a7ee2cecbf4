using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Deletes rows of the change log that are older than <c>Driftwood:Changes:Days</c>.</summary>
internal sealed class ChangeLogExpiry(
    NpgsqlDataSource database, TimeProvider clock, IOptions<DriftwoodOptions> options, SqlDialect dialect) : IMaintenanceTask
{
    /// <summary>Rows of the log that one statement deletes. Each may hold 2,000 records.</summary>
    private const int BatchSize = 100;

    public string Name => "change_log_expiry";

    /// <summary>Nobody waits for it; often enough that no run has many to delete.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken) =>
        options.Value.Changes.KeptSince(clock.GetUtcNow()) is { } before
            ? await OldRows.DeleteAsync(
                database, "changes", ["account_id", "id", "part"], "logged_at", before, BatchSize, dialect, cancellationToken)
            : 0;
}
