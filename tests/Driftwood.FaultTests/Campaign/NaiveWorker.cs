using System.Globalization;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>
/// Applies imports as a first attempt might: row by row, each row with its change log in its own transaction, and the counters now and
/// then, after the rows. It has a lease but no fence. It works as long as nothing happens to it.
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
        foreach (var chunk in rows.Skip(1).Index().Skip((int)lane.Cursor).Chunk(CheckpointRows))
        {
            List<string> effects = [];
            foreach (var (index, row) in chunk) effects.Add(await ApplyAsync(lane, chunk[0].Index, index + 1, row.Split(',')));
            await ExecuteAsync(
                """
                update lanes set cursor = cursor + @rows, processed = processed + @rows, created = created + @created,
                    updated = updated + @updated, skipped = skipped + @rows - @created - @updated,
                       leased_until = clock_timestamp() + @lease
                where account_id = @account and job_id = @job
                """,
                ("account", lane.Account), ("job", lane.Job), ("rows", chunk.Length), ("lease", lease),
                ("created", effects.Count(effect => effect == "created")), ("updated", effects.Count(effect => effect == "updated")));
        }

        await ExecuteAsync(
            "update lanes set status = 'completed', leased_until = null where account_id = @account and job_id = @job",
            ("account", lane.Account), ("job", lane.Job));
        await ExecuteAsync(
            "update jobs set status = 'completed', completed_at = now() where account_id = @account and id = @job",
            ("account", lane.Account), ("job", lane.Job));
    }

    private async Task<string> ApplyAsync(NaiveLane lane, long cursor, long row, string[] cells)
    {
        (string Name, object Value)[] values =
        [
            ("account", lane.Account), ("by", lane.CreatedBy), ("job", lane.Job), ("cursor", cursor), ("row", row),
            ("email", cells[0]), ("first_name", cells[1]), ("city", cells[2]),
            ("tags", cells[3].Split(ImportRows.TagDelimiter, StringSplitOptions.RemoveEmptyEntries)),
        ];
        try
        {
            return await MergeAsync(values);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another worker has just inserted the same row. The naive worker handles this case too.
            return await MergeAsync(values);
        }
    }

    /// <summary>Merges the cells e-mail, first name, city and tags by e-mail. Returns the effect.</summary>
    private async Task<string> MergeAsync((string Name, object Value)[] values)
    {
        await using var change = Command(Change, values);
        if (await change.ExecuteScalarAsync() is string effect) return effect;
        await ExecuteAsync(Create, values);
        return "created";
    }

    /// <summary>Changes the contact and writes the log as the statements of imports do. Returns no effect if there is no contact.</summary>
    private const string Change = """
        with found as materialized (
            select r.id, r.email, r.first_name, r.city, r.tags, r.tag_keys, @email as new_email,
                   coalesce(nullif(@first_name, ''), r.first_name) as new_first_name, coalesce(nullif(@city, ''), r.city) as new_city,
                   r.tags || array(select t from unnest(@tags) t where t <> all (r.tags)) as new_tags,
                   r.tag_keys || array(select t from unnest(@tags) t where t <> all (r.tag_keys)) as new_tag_keys
            from contacts r where r.account_id = @account and r.email_key = lower(@email)
            for update),
        compared as (
            select *, concat(
                case when email <> new_email then ',"email":' || json_build_array(email, new_email) end,
                case when first_name is distinct from new_first_name
                    then ',"first_name":' || json_build_array(first_name, new_first_name) end,
                case when city is distinct from new_city then ',"city":' || json_build_array(city, new_city) end,
                case when tags <> new_tags
                    then ',"tags":' || json_build_array(tags, new_tags) || ',"tag_keys":' || json_build_array(tag_keys, new_tag_keys)
                    end) as detail
            from found),
        changed as (
            update contacts r set email = n.new_email, first_name = n.new_first_name, city = n.new_city, tags = n.new_tags,
                   tag_keys = n.new_tag_keys, updated_at = now(), updated_by = @by
            from compared n where r.account_id = @account and r.id = n.id and n.detail <> ''),
        logged as (
            insert into changes (account_id, id, part, job_id, lane, cursor, step, record_type, effect, user_id, row_numbers, record_ids,
                details, first_row, last_row)
            select @account, gen_random_uuid(), 0, @job, 0, @cursor, 0, 'contacts',
                   case when n.detail = '' then 'unchanged' else 'updated' end, @by, array[@row], array[n.id], nullif(n.detail, ''), @row,
                   @row
            from compared n
            returning id, effect, made_at, record_ids),
        latest as (
            insert into latest_changes (account_id, record_type, updated_at, id, part, records, record_ids)
            select @account, 'contacts', made_at, id, 0, 1, record_ids from logged where effect = 'updated')
        select effect from logged
        """;

    private const string Create = """
        with made as (
            insert into contacts (account_id, id, email, email_key, first_name, city, tags, tag_keys, created_at, created_by,
                updated_at, updated_by)
            values (@account, gen_random_uuid(), nullif(@email, ''), lower(nullif(@email, '')), nullif(@first_name, ''),
                nullif(@city, ''), @tags, @tags, now(), @by, now(), @by)
            returning id),
        logged as (
            insert into changes (account_id, id, part, job_id, lane, cursor, step, record_type, effect, user_id, row_numbers, record_ids,
                first_row, last_row)
            select @account, gen_random_uuid(), 0, @job, 0, @cursor, 0, 'contacts', 'created', @by, array[@row], array[m.id], @row, @row
            from made m
            returning id, made_at, record_ids)
        insert into latest_changes (account_id, record_type, updated_at, id, part, records, record_ids)
        select @account, 'contacts', made_at, id, 0, 1, record_ids from logged
        """;

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
