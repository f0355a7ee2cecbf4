using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Npgsql;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>
/// Finds the keys whose rows ask for a value that a stored record with another key has. That record's own rows may give the
/// value up, so its key is found too. Batches of rows are copied to a temporary table and looked up by index.
/// </summary>
/// <param name="plan">An import that updates matches.</param>
/// <param name="account">Whose records.</param>
/// <param name="keys">Gives the hashes.</param>
/// <param name="found">Gets the keys.</param>
internal sealed class StoredOwners(ImportPlan plan, Guid account, RowKeys keys, HashSet<ulong> found) : IDisposable
{
    // As for chunks (ChunkApplier): each staged row against an index of the records.
    private const string PlannerSettings = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local jit = off";

    private readonly ByteBuffer _tuples = new(1 << 16);
    private readonly List<ulong> _staged = []; // each staged row's key, at its seq

    private string Columns => string.Concat(plan.OtherUnique.Select((_, i) => FormattableString.Invariant($", u{i}")));

    /// <summary>Makes the session's temporary table.</summary>
    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var owner = plan.Type.TypeId is { } type ? $", type_id uuid not null default '{type}'" : "";
        var unique = string.Concat(plan.OtherUnique.Select((_, i) => FormattableString.Invariant($", u{i} text collate \"C\"")));
        await ExecuteAsync(
            connection,
            $"drop table if exists pg_temp.claims; create temporary table claims (account_id uuid not null default '{account}'{owner}, seq integer not null, match_key text collate \"C\"{unique}) on commit delete rows",
            cancellationToken);
    }

    /// <summary>Adds the current row to the batch, unless it has no unique value, or has a bad one and so fails.</summary>
    public void Add(RowReader rows, ulong key)
    {
        var start = _tuples.Length;
        _tuples.BeginTuple(2 + plan.OtherUnique.Count);
        _tuples.Int32(_staged.Count);
        var isGood = TryWrite(plan.Match!, rows, out _);
        var asks = false;
        for (var i = 0; isGood && i < plan.OtherUnique.Count; i++)
        {
            isGood = TryWrite(plan.OtherUnique[i], rows, out var isBlank);
            asks |= !isBlank;
        }

        if (isGood && asks) _staged.Add(key);
        else _tuples.Length = start;
    }

    /// <summary>Looks the batch up and empties it.</summary>
    public async Task FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_staged.Count == 0) return;
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await ExecuteAsync(connection, PlannerSettings, cancellationToken);
            await CopyAsync(connection, cancellationToken);
            await using (var command = new NpgsqlCommand(string.Join("\nunion all\n", plan.OtherUnique.Select(Owners)), connection))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(_staged[reader.GetInt32(0)]);
                    found.Add(keys.OfStored(Encoding.UTF8.GetBytes(reader.GetString(1))));
                }
            }

            await transaction.CommitAsync(cancellationToken);
        }

        _tuples.Length = 0;
        _staged.Clear();
    }

    public void Dispose() => _tuples.Dispose();

    // The key as it is stored, null for a blank one.
    private bool TryWrite(MappedColumn column, RowReader rows, out bool isBlank)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var isGood = CellReader.TryRead(column.Field, rows[column.Index], scratch, out var stored, out _, plan.Cells);
        var start = _tuples.BeginField();
        if (isGood) MatchKeys.Write(column.Field.MatchKey ?? MatchKeyKind.Email, stored, _tuples);
        isBlank = _tuples.EndField(start).IsEmpty;
        return isGood;
    }

    private async Task CopyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync($"copy claims (seq, match_key{Columns}) from stdin (format binary)", cancellationToken);
        await copy.WriteAsync(PgCopy.Header.ToArray(), cancellationToken);
        await copy.WriteAsync(_tuples.Memory, cancellationToken);
        await copy.WriteAsync(PgCopy.Trailer.ToArray(), cancellationToken);
    }

    /// <summary>Rows whose value of a unique column belongs to a record with another match key: seq, that key. A record without one is never matched, and so keeps its values.</summary>
    private string Owners(MappedColumn column, int index)
    {
        var asked = FormattableString.Invariant($"s.u{index}");
        var owner = column.Field.KeyColumn is { } key
            ? $"from {plan.Type.Table} r where {plan.Type.SameOwner("r", "s")} and r.{key} = {asked}"
            : $"from unique_values u join {plan.Type.Table} r on {plan.Type.SameOwner("r", "s")} and r.id = u.record_id where u.account_id = s.account_id and u.field_id = '{column.Field.UniqueId}' and u.key = {asked}";
        return $"select s.seq, o.match_key from claims s cross join lateral (select {MatchKeyOfOwner} as match_key {owner} limit 1) o where {asked} is not null and o.match_key <> coalesce(s.match_key, '')";
    }

    private string MatchKeyOfOwner => plan.Match!.Field switch
    {
        { KeyColumn: { } key } => "r." + key,
        { UniqueId: { } unique } => $"(select m.key from unique_values m where m.account_id = r.account_id and m.record_id = r.id and m.field_id = '{unique}')",
        _ => "r.id::text",
    };

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
