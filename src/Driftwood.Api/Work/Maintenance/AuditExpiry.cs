using Driftwood.Api.Platform.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance;

/// <summary>Deletes entries of the audit list that are older than <c>Driftwood:Audit:RetentionDays</c>.</summary>
internal sealed class AuditExpiry(NpgsqlDataSource database, TimeProvider clock, IOptions<DriftwoodOptions> options) : IMaintenanceTask
{
    /// <summary>Entries that one statement deletes.</summary>
    private const int BatchSize = 5_000;

    public string Name => "audit_expiry";

    /// <summary>The period is counted in days.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Audit.RetentionDays is not (> 0 and var days)) return 0;
        // Nodes that run it at the same time pass over each other's entries.
        await using var command = database.CreateCommand(
            """
            delete from audit where ctid = any (array(select ctid from audit where at < $1 order by at limit $2 for update skip locked))
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() - TimeSpan.FromDays(days) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchSize });
        var deleted = 0L;
        while (true)
        {
            var batch = await command.ExecuteNonQueryAsync(cancellationToken);
            deleted += batch;
            if (batch < BatchSize) return deleted;
        }
    }
}
