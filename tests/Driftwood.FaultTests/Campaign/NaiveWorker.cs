using System.Globalization;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>
/// Applies imports as a first attempt might: row by row, each row in its own transaction, and the counters now and then, after
/// the rows. It has a lease but no fence. It works as long as nothing happens to it.
/// </summary>
internal sealed class NaiveWorker(NpgsqlDataSource database, string uploads, TimeSpan lease)
{
    /// <summary>The argument that starts this program as such a worker.</summary>
    public const string Verb = "naive-worker";

    private const int CheckpointRows = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <param name="args">Connection string, directory of uploads, lease in seconds.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        await using var database = NpgsqlDataSource.Create(args[0]);
        var worker = new NaiveWorker(database, args[1], TimeSpan.FromSeconds(double.Parse(args[2], CultureInfo.InvariantCulture)));
        while (true)
        {
            if (await worker.ClaimAsync() is { } lane) await worker.ApplyAsync(lane);
            else await Task.Delay(Pause);
        }
    }

    private async Task<NaiveLane?> ClaimAsync()
    {
        await using var command = Command(
            """
            update lanes l set status = 'running', owner = @owner, leased_until = clock_timestamp() + @lease
            from (select w.account_id, w.job_id, w.lane, j.created_by, u.storage_key from lanes w
                  join jobs j on j.account_id = w.account_id and j.id = w.job_id
                  join imports i on i.account_id = j.account_id and i.id = j.id
                  join uploads u on u.account_id = i.account_id and u.id = i.upload_id
                  where j.status = 'processing' and w.status in ('ready', 'running')
                      and (w.leased_until is null or w.leased_until < clock_timestamp())
                  limit 1 for update of w skip locked) c
            where l.account_id = c.account_id and l.job_id = c.job_id and l.lane = c.lane
            returning l.account_id, l.job_id, l.cursor, c.created_by, c.storage_key
            """,
            ("owner", $"naive/{Environment.ProcessId}"), ("lease", lease));
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? new NaiveLane(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetGuid(3), reader.GetString(4)) : null;
    }

    private async Task ApplyAsync(NaiveLane lane)
    {
        var rows = await File.ReadAllLinesAsync(Path.Combine(uploads, lane.StorageKey));
        foreach (var chunk in rows.Skip(1 + (int)lane.Cursor).Chunk(CheckpointRows))
        {
            var created = 0;
            foreach (var row in chunk) created += await ApplyAsync(lane, row.Split(',')) ? 1 : 0;
            await ExecuteAsync(
                """
                update lanes set cursor = cursor + @rows, processed = processed + @rows, created = created + @created,
                    updated = updated + @rows - @created,
                       leased_until = clock_timestamp() + @lease
                where account_id = @account and job_id = @job
                """,
                ("account", lane.Account), ("job", lane.Job), ("rows", chunk.Length), ("created", created), ("lease", lease));
        }

        await ExecuteAsync(
            "update lanes set status = 'completed', leased_until = null where account_id = @account and job_id = @job",
            ("account", lane.Account), ("job", lane.Job));
        await ExecuteAsync(
            "update jobs set status = 'completed', completed_at = now() where account_id = @account and id = @job",
            ("account", lane.Account), ("job", lane.Job));
    }

    private async Task<bool> ApplyAsync(NaiveLane lane, string[] cells)
    {
        try
        {
            return await MergeAsync(lane, cells);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another worker has just inserted the same row. The naive worker handles this case too.
            return await MergeAsync(lane, cells);
        }
    }

    /// <summary>Merges the cells e-mail, first name, city and tags by e-mail. Returns true for a new contact.</summary>
    private async Task<bool> MergeAsync(NaiveLane lane, string[] cells)
    {
        (string Name, object Value)[] values =
        [
            ("account", lane.Account), ("by", lane.CreatedBy), ("email", cells[0]), ("first_name", cells[1]), ("city", cells[2]),
            ("tags", cells[3].Split(ImportRows.TagDelimiter, StringSplitOptions.RemoveEmptyEntries)),
        ];
        var changed = await ExecuteAsync(
            """
            update contacts set email = @email, first_name = coalesce(nullif(@first_name, ''), first_name),
                city = coalesce(nullif(@city, ''), city),
                   tags = tags || array(select t from unnest(@tags) t where t <> all (tags)),
                       tag_keys = tag_keys || array(select t from unnest(@tags) t where t <> all (tag_keys))
            where account_id = @account and email_key = lower(@email)
            """,
            values);
        if (changed > 0) return false;
        await ExecuteAsync(
            """
            with made as (
                insert into contacts (account_id, id, email, email_key, first_name, city, tags, tag_keys, created_at, created_by,
                    updated_at, updated_by)
                values (@account, gen_random_uuid(), nullif(@email, ''), lower(nullif(@email, '')), nullif(@first_name, ''),
                    nullif(@city, ''), @tags, @tags, now(), @by, now(), @by)
                returning account_id, id, updated_at)
            insert into latest_changes (account_id, record_type, updated_at, id, part, records, record_ids)
            select account_id, 'contacts', updated_at, id, 0, 1, array[id] from made
            """,
            values);
        return true;
    }

    private async Task<int> ExecuteAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    private NpgsqlCommand Command(string sql, params (string Name, object Value)[] parameters)
    {
        var command = database.CreateCommand(sql);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private sealed record NaiveLane(Guid Account, Guid Job, long Cursor, Guid CreatedBy, string StorageKey);
}
