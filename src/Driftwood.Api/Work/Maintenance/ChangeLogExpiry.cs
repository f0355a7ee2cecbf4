using Driftwood.Api.Platform.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance;

/// <summary>Deletes rows of the change log that are older than <c>Driftwood:Changes:Days</c>.</summary>
internal sealed class ChangeLogExpiry(NpgsqlDataSource database, TimeProvider clock, IOptions<DriftwoodOptions> options) : IMaintenanceTask
{
    /// <summary>A row may hold 2,000 records. One statement for all old rows could outlast any time-out.</summary>
    private const int BatchSize = 100;

    private const string Delete = """
        delete from changes c
        using (select account_id, id, part from changes where logged_at < $1 order by logged_at limit $2) old
        where c.account_id = old.account_id and c.id = old.id and c.part = old.part
        """;

    public string Name => "change_log_expiry";

    /// <summary>Nobody waits for it; often enough that no run has many to delete.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Changes.Days <= 0) return 0;
        var before = clock.GetUtcNow().UtcDateTime.AddDays(-options.Value.Changes.Days);
        for (var deleted = 0L; ;)
        {
            await using var command = database.CreateCommand(Delete);
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BatchSize });
            var batch = await command.ExecuteNonQueryAsync(cancellationToken);
            deleted += batch;
            if (batch < BatchSize) return deleted;
        }
    }
}
