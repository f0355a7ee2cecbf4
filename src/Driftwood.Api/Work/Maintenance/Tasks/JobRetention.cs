using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Postgres;
using Driftwood.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>
/// Removes jobs that ended longer ago than <c>Driftwood:Jobs:RetentionDays</c>, with all that is kept of them: results, row
/// errors, lanes, and the uploaded file once no other import reads it. Records stay as they are. It may stop at any point: the
/// job's own row is deleted last.
/// </summary>
internal sealed class JobRetention(NpgsqlDataSource database, IUploadStore store, TimeProvider clock, IOptions<DriftwoodOptions> options)
    : IMaintenanceTask
{
    /// <summary>Jobs listed by one statement.</summary>
    private const int BatchSize = 100;

    /// <summary>Rows that one statement deletes.</summary>
    private const int MaxRows = 10_000;

    /// <summary>Tables with up to millions of rows a job. The rows of the others are deleted with the job's row.</summary>
    private static readonly (string Name, string Order)[] LargeTables =
    [
        ("row_errors", "row_number"), ("row_warnings", "row_number"), ("target_failures", "target_index"),
        ("bulk_target_runs", "lane, first"), ("bulk_items", "item_index"),
    ];

    private const string Due = """
        j.status in ('completed', 'failed', 'cancelled', 'expired') and j.updated_at < @before
        and coalesce(j.dry_run_state, 'removed') = 'removed'
        and not exists (select 1 from imports i where i.account_id = j.account_id and i.source_job_id = j.id)
        """;

    private const string OwnUpload = """
        select u.id, u.storage_key from imports i join uploads u on u.account_id = i.account_id and u.id = i.upload_id
        where i.account_id = @account and i.id = @job and i.source_job_id is null
        """;

    public string Name => "job_retention";

    /// <summary>The period is counted in days.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    /// <returns>The number of jobs removed.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Jobs.RetentionDays is not (> 0 and var days)) return 0;
        var before = clock.GetUtcNow() - TimeSpan.FromDays(days);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var removed = 0L;
        while (true)
        {
            var due = await ListAsync(connection, before, cancellationToken);
            foreach (var (account, job) in due)
            {
                if (!await CloseAsync(connection, account, job, before, cancellationToken)) continue;
                await RemoveAsync(connection, account, job, cancellationToken);
                removed++;
            }

            if (due.Count < BatchSize) return removed;
        }
    }

    // The import that a file was uploaded for goes after those that read it again, since the file goes with it.
    private static async Task<List<(Guid Account, Guid Job)>> ListAsync(
        NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select j.account_id, j.id from jobs j
            where {Due}
            order by j.updated_at limit @limit
            """,
            connection);
        command.Parameters.AddWithValue("before", before);
        command.Parameters.AddWithValue("limit", BatchSize);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(Guid, Guid)> due = [];
        while (await reader.ReadAsync(cancellationToken)) due.Add((reader.GetGuid(0), reader.GetGuid(1)));
        return due;
    }

    /// <summary>
    /// Gives the job a final state, so that nobody resumes a failed job, or imports a file again, of which a part is gone.
    /// False where somebody did so since it was listed.
    /// </summary>
    private static async Task<bool> CloseAsync(
        NpgsqlConnection connection, Guid account, Guid job, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // A request that resumes or confirms locks the row too; the statement that begins after that sees what it did.
        await ExecuteAsync(
            connection, "select 1 from jobs where account_id = @account and id = @job for no key update", account, job, cancellationToken);
        await using var command = Command(
            connection,
            $"""
            update jobs j set status = case j.kind when 'import' then 'expired' else 'cancelled' end
            where j.account_id = @account and j.id = @job and {Due}
            """,
            account,
            job);
        command.Parameters.AddWithValue("before", before);
        var isClosed = await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        await transaction.CommitAsync(cancellationToken);
        return isClosed;
    }

    private async Task RemoveAsync(NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken)
    {
        foreach (var (table, order) in LargeTables)
        {
            while (await BoundedDelete.RunAsync(database, table, order, account, job, MaxRows, cancellationToken) == MaxRows)
            {
            }
        }

        await RemoveReceiptAsync(connection, account, job, cancellationToken);
        Guid? upload = null;
        await using (var command = Command(connection, OwnUpload, account, job))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                upload = reader.GetGuid(0);
                // The file goes before the row that names it, so that the next run finds it again if this one stops in between.
                if (!reader.IsDBNull(1)) await store.DeleteAsync(reader.GetString(1), cancellationToken);
            }
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, "delete from jobs where account_id = @account and id = @job", account, job, cancellationToken);
        if (upload is { } id)
            await ExecuteAsync(connection, "delete from uploads where account_id = @account and id = @job", account, id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task RemoveReceiptAsync(NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken)
    {
        const string Text = "select storage_key from receipts where account_id = @account and job_id = @job";
        await using var command = Command(connection, Text, account, job);
        if (await command.ExecuteScalarAsync(cancellationToken) is string key) await store.DeleteAsync(key, cancellationToken);
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string text, Guid account, Guid job, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text, account, job);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, Guid account, Guid job)
    {
        var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddWithValue("account", NpgsqlDbType.Uuid, account);
        command.Parameters.AddWithValue("job", NpgsqlDbType.Uuid, job);
        return command;
    }
}
