using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Erasure;

/// <summary>
/// Takes what tells of erased records out of what the database keeps of jobs and requests. Rows stay, with their numbers and codes, so that
/// all counters still add up. Each statement stands by itself: to erase twice changes nothing more.
/// </summary>
internal sealed class RowErasure(NpgsqlConnection connection, Guid account, PersonalRows persons)
{
    /// <summary>Rows that one statement reads.</summary>
    private const int BatchSize = 10_000;

    private const string Erased = "'Erased.'";

    private const string IsRunning =
        "exists (select 1 from jobs j where j.account_id = @account and j.id = t.job_id and j.status = 'processing')";

    /// <summary>A table of numbered rows of jobs.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Number">The column of the number, which with account and job is the key.</param>
    /// <param name="Texts">The SQL of an array of what may tell of a record.</param>
    /// <param name="Set">What the row has instead.</param>
    private sealed record Table(string Name, string Number, string Texts, string Set)
    {
        /// <summary>The SQL of an array of cells that may tell of a record.</summary>
        public string Cells { get; init; } = "null::bytea[]";

        /// <summary>The numbers are those that the change log has.</summary>
        public bool IsNumberedAsLogged { get; init; }

        /// <summary>The texts are JSON that a running job may still read.</summary>
        public bool IsInput { get; init; }
    }

    private static readonly Table[] Tables =
    [
        new("bulk_items", "item_index", "array[t.item::text]", "item = '{}'") { IsNumberedAsLogged = true, IsInput = true },
        new("row_errors", "row_number", "array[t.message, t.value, t.also::text]",
            $"message = {Erased}, value = null, also = null, cells = array_fill(''::bytea, array[greatest(cardinality(t.cells), 1)])")
        {
            Cells = "t.cells",
        },
        new("row_warnings", "row_number", "array[t.message, t.value, t.also::text]", $"message = {Erased}, value = '', also = null")
        {
            IsNumberedAsLogged = true,
        },
        new("target_failures", "target_index", "array[t.message, t.external_id, t.record_id::text]",
            $"message = {Erased}, external_id = null"),
    ];

    /// <summary>Texts that callers gave, by table: a value in them becomes a mark.</summary>
    private static readonly (string Table, string Column, string Type)[] Texts =
    [
        ("jobs", "name", "text"), ("jobs", "error_message", "text"), ("uploads", "file_name", "text"), ("bulk_jobs", "query", "text"),
        ("bulk_jobs", "filter", "json"), ("bulk_jobs", "params", "jsonb"), ("import_profiles", "name", "text"),
        ("import_profiles", "settings", "jsonb"), ("imports", "settings", "jsonb"),
    ];

    /// <summary>Erases in all tables of jobs and requests.</summary>
    /// <exception cref="ErasureWaitsException">A running job still has items about the records.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var table in Tables) await EraseAsync(table, cancellationToken);
        foreach (var (table, column, type) in Texts) await ReplaceAsync(table, column, type, cancellationToken);
        await RedactAnswersAsync(cancellationToken);
        await using var command = Command("""
            with runs as (
                update bulk_target_runs r set external_ids = array(
                    select case when u.external_id = any (@values) then null else u.external_id end
                    from unnest(r.external_ids) with ordinality as u (external_id, place) order by u.place)
                where r.account_id = @account and r.external_ids && @values),
            asked as (
                update bulk_jobs b set external_ids = array(
                    select case when u.external_id = any (@values) then @mark else u.external_id end
                    from unnest(b.external_ids) with ordinality as u (external_id, place) order by u.place)
                where b.account_id = @account and b.external_ids && @values),
            records as (delete from dry_run_records d where d.account_id = @account and d.id = any (@ids))
            delete from dry_run_keys k where k.account_id = @account and (k.record_id = any (@ids) or lower(k.key) = any (@keys))
            """);
        command.Parameters.AddWithValue("values", persons.Data.Values.ToArray());
        command.Parameters.AddWithValue("keys", persons.Data.Values.Select(value => value.ToLowerInvariant()).ToArray());
        command.Parameters.AddWithValue("mark", PersonalData.Mark);
        command.Parameters.AddWithValue("ids", persons.Data.Ids.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task EraseAsync(Table table, CancellationToken cancellationToken)
    {
        var (job, number) = (Guid.Empty, long.MinValue);
        while (true)
        {
            List<(Guid Job, long Number)> found = [];
            var read = 0;
            await using (var command = Command($"""
                select t.job_id, t.{table.Number}, {table.Texts}, {table.Cells}, {(table.IsInput ? IsRunning : "false")}
                from {table.Name} t
                where t.account_id = @account and (t.job_id, t.{table.Number}) > (@job, @number)
                order by t.job_id, t.{table.Number} limit {BatchSize}
                """))
            {
                command.Parameters.AddWithValue("job", job);
                command.Parameters.AddWithValue("number", number);
                await using var row = await command.ExecuteReaderAsync(cancellationToken);
                for (; await row.ReadAsync(cancellationToken); read++)
                {
                    (job, number) = (row.GetGuid(0), row.GetInt64(1));
                    if (!(table.IsNumberedAsLogged && persons.Of(job).Contains(number)) && !IsPersonal(table, row)) continue;
                    if (row.GetBoolean(4)) throw new ErasureWaitsException(job);
                    found.Add((job, number));
                }
            }

            if (found.Count > 0) await EraseAsync(table, found, cancellationToken);
            if (read < BatchSize) return;
        }
    }

    private bool IsPersonal(Table table, NpgsqlDataReader row) =>
        row.GetFieldValue<string?[]>(2).Any(text => text is not null
            && (table.IsInput ? persons.Data.Redact(text) is not null : persons.Data.IsIn(text)))
        || (!row.IsDBNull(3) && row.GetFieldValue<byte[][]>(3).Any(cell => persons.Data.IsIn(cell)));

    private async Task EraseAsync(Table table, List<(Guid Job, long Number)> rows, CancellationToken cancellationToken)
    {
        await using var command = Command($"""
            update {table.Name} t set {table.Set}
            from unnest(@jobs, @numbers) as f (job_id, number)
            where t.account_id = @account and t.job_id = f.job_id and t.{table.Number} = f.number
            """);
        command.Parameters.AddWithValue("jobs", rows.ConvertAll(each => each.Job));
        command.Parameters.AddWithValue("numbers", rows.ConvertAll(each => each.Number));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task ReplaceAsync(string table, string column, string type, CancellationToken cancellationToken)
    {
        List<(Guid Id, string Text)> replaced = [];
        await using (var command = Command(
            $"select t.id, t.{column}::text from {table} t where t.account_id = @account and t.{column} is not null"))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                var before = row.GetString(1);
                var after = type != "text" ? persons.Data.ReplaceInJson(before) ?? before : persons.Data.Replace(before);
                if (after != before) replaced.Add((row.GetGuid(0), after));
            }
        }

        if (replaced.Count == 0) return;
        await using var update = Command($"""
            update {table} t set {column} = f.text::{type} from unnest(@ids, @texts) as f (id, text)
            where t.account_id = @account and t.id = f.id
            """);
        update.Parameters.AddWithValue("ids", replaced.ConvertAll(each => each.Id));
        update.Parameters.AddWithValue("texts", replaced.ConvertAll(each => each.Text));
        await update.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>An answer that is kept for an Idempotency-Key is still given again, without what it told of the records.</summary>
    private async Task RedactAnswersAsync(CancellationToken cancellationToken)
    {
        var after = "";
        while (true)
        {
            List<(string Key, byte[] Answer)> redacted = [];
            var read = 0;
            await using (var command = Command($"""
                select k.key, k.response from idempotency_keys k where k.account_id = @account and k.key > @after
                order by k.key limit {BatchSize / 10}
                """))
            {
                command.Parameters.AddWithValue("after", after);
                await using var row = await command.ExecuteReaderAsync(cancellationToken);
                for (; await row.ReadAsync(cancellationToken); read++)
                {
                    after = row.GetString(0);
                    var answer = Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(1));
                    if (persons.Data.Redact(answer) is { } rest) redacted.Add((after, Encoding.UTF8.GetBytes(rest)));
                }
            }

            if (redacted.Count > 0)
            {
                await using var command = Command("""
                    update idempotency_keys k set response = f.answer from unnest(@keys, @answers) as f (key, answer)
                    where k.account_id = @account and k.key = f.key
                    """);
                command.Parameters.AddWithValue("keys", redacted.ConvertAll(each => each.Key));
                command.Parameters.AddWithValue(
                    "answers", NpgsqlDbType.Array | NpgsqlDbType.Bytea, redacted.ConvertAll(each => each.Answer));
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            if (read < BatchSize / 10) return;
        }
    }

    private NpgsqlCommand Command(string text)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // an account may have millions of rows
        command.Parameters.AddWithValue("account", account);
        return command;
    }
}
