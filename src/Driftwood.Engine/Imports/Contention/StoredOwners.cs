using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Driftwood.Engine.Staging;
using Npgsql;
using static System.FormattableString;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>
/// Finds the keys whose rows ask for a value that a stored record with another key has. That record's own rows may give the
/// value up, so its key is found too. Batches of rows are copied to a temporary table and looked up by index.
/// </summary>
internal sealed class StoredOwners : IDisposable
{
    private readonly ImportPlan _plan;
    private readonly Guid _account;
    private readonly RowKeys _keys;
    private readonly HashSet<ulong> _found;
    private readonly StageTable _claims;
    private readonly string _owners;
    private readonly ByteBuffer _tuples = new(1 << 16);
    private readonly List<ulong> _staged = []; // each staged row's key, at its seq

    /// <param name="plan">An import that updates matches.</param>
    /// <param name="account">The account of the records.</param>
    /// <param name="keys">Gives the hashes.</param>
    /// <param name="found">Gets the keys.</param>
    public StoredOwners(ImportPlan plan, Guid account, RowKeys keys, HashSet<ulong> found)
    {
        (_plan, _account, _keys, _found) = (plan, account, keys, found);
        var unique = plan.OtherUnique.Select((_, i) => StageColumn.Key(Invariant($"u{i}")));
        _claims = new StageTable("claims", [StageColumn.Account, new("seq", "integer not null"), StageColumn.Key("match_key"), .. unique]);
        var owners = plan.OtherUnique.Select((column, i) => OwnersOf(column.Field, Invariant($"u{i}")));
        _owners = plan.Dialect.Adapt(string.Join("\nunion all\n", owners));
    }

    /// <summary>Adds the current row to the batch, unless it has no unique value or a bad one. A row with a bad value fails.</summary>
    public void Add(RowReader rows, ulong key)
    {
        var start = _tuples.Length;
        _tuples.BeginTuple(3 + _plan.OtherUnique.Count);
        _tuples.Uuid(_account);
        _tuples.Int32(_staged.Count);
        var isGood = TryWrite(_plan.Match!, rows, out _);
        var asks = false;
        for (var i = 0; isGood && i < _plan.OtherUnique.Count; i++)
        {
            isGood = TryWrite(_plan.OtherUnique[i], rows, out var isBlank);
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
            await StageSession.BeginAsync(connection, _claims, _plan.Dialect, cancellationToken);
            await _claims.CopyAsync(connection, _tuples.Memory, cancellationToken);
            await using (var command = StageSession.Command(connection, _owners, new StageOwner(_account, Guid.Empty, Guid.Empty)))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    _found.Add(_staged[reader.GetInt32(0)]);
                    _found.Add(_keys.OfStored(Encoding.UTF8.GetBytes(reader.GetString(1))));
                }
            }

            await transaction.CommitAsync(cancellationToken);
        }

        _tuples.Length = 0;
        _staged.Clear();
    }

    public void Dispose() => _tuples.Dispose();

    // Writes the key in stored form, null for a blank one.
    private bool TryWrite(MappedColumn column, RowReader rows, out bool isBlank)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var isGood = CellReader.TryRead(column.Field, rows[column.Index], scratch, out var stored, out _, _plan.Cells);
        var start = _tuples.BeginField();
        if (isGood) MatchKeys.Write(column.Field.MatchKey ?? MatchKeyKind.Email, stored, _tuples);
        isBlank = _tuples.EndField(start).IsEmpty;
        return isGood;
    }

    /// <summary>
    /// Rows whose value of a unique field belongs to a record with another match key: seq, that key. A record without a match key is
    /// never matched, and so keeps its values.
    /// </summary>
    private string OwnersOf(Field field, string asked)
    {
        var record = StageSql.Lookup(_plan.Type, field, asked);
        var owner = field.KeyColumn is not null && MatchColumn is { } column
            ? $"cross join lateral ({record.Select(column, 1)}) o(match_key)"
            : $"""
                cross join lateral (select ({record.First}) as id offset 0) found
                cross join lateral ({MatchKeyOfOwner}) o(match_key)
                """;
        return $"""
            select s.seq, o.match_key from claims s
            {owner}
            where s.account_id = @account and s.{asked} is not null and o.match_key <> coalesce(s.match_key, '')
            """;
    }

    /// <summary>The match key in the record <c>r</c>; null if it is a custom field's, which has a table of its own.</summary>
    private string? MatchColumn => _plan.Match!.Field switch
    {
        { KeyColumn: { } key } => "r." + key,
        { UniqueId: not null } => null,
        _ => "r.id::text",
    };

    private string MatchKeyOfOwner => MatchColumn is { } column
        ? Probe.OfId(_plan.Type, "found.id").Select(column, 1)
        : new Probe("unique_values m", "m.account_id = @account", "m.record_id", "found.id")
            .And(Invariant($"m.field_id = '{_plan.Match!.Field.UniqueId}'")).Select("m.key");
}
