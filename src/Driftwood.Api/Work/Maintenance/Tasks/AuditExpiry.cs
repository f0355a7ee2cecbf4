using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Deletes entries of the audit list that are older than <c>Driftwood:Audit:RetentionDays</c>.</summary>
internal sealed class AuditExpiry(
    NpgsqlDataSource database, TimeProvider clock, IOptions<DriftwoodOptions> options, SqlDialect dialect) : IMaintenanceTask
{
    /// <summary>Entries that one statement deletes.</summary>
    private const int BatchSize = 5_000;

    public string Name => "audit_expiry";

    /// <summary>The period is counted in days.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken) => options.Value.Audit.RetentionDays is > 0 and var days
        ? await OldRows.DeleteAsync(
            database, "audit", ["account_id", "id"], "at", clock.GetUtcNow() - TimeSpan.FromDays(days), BatchSize, dialect,
            cancellationToken)
        : 0;
}
