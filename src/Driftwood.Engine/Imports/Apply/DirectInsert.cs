using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The short way of rows that create records (<see cref="ImportPlan.InsertsDirectly"/>): a chunk's match keys alone are looked up, and
/// the rows that match nothing are copied straight into the records' table. What PostgreSQL does for a row is a quarter less
/// than by way of the stage. Where nothing matched for a while, no key is looked up either: the unique index would tell, and each
/// time it does it takes twice as long until that is tried again.
/// </summary>
internal sealed class DirectInsert(ImportPlan plan, LaneRef lane, Guid userId) : IDisposable
{
    private const int BlockBytes = 1 << 16;
    private const int MostWavesNeeded = 64;

    private readonly ByteBuffer _block = new(BlockBytes * 2);
    private readonly List<int> _free = [];
    private readonly List<int> _matched = [];
    private int _wavesWithoutMatch; // the latest, one after the other
    private int _wavesNeeded = 1;

    /// <summary>Of the wave that was inserted last: the rows that match a record, by their <c>seq</c>, which are left to be dealt with.</summary>
    public IReadOnlyList<int> Matched => _matched;

    /// <summary>The temporary table that keys are looked up by, of the session as the stage is, and for the same reason with whose they are.</summary>
    public string Create
    {
        get
        {
            var type = plan.Type.TypeId is { } id ? $"type_id uuid not null default '{id}', " : "";
            return $"""
                drop table if exists pg_temp.staged_keys;
                create temporary table staged_keys (account_id uuid not null default '{lane.AccountId}', {type}seq integer not null, wave integer not null, key text collate "C") on commit delete rows
                """;
        }
    }

    private string Lookup => $"""
        select k.seq, found.found is not null
        from staged_keys k
        left join lateral (select true as found from {plan.Type.Table} r where {plan.Type.SameOwner("r", "k")} and r.{plan.Match!.Field.KeyColumn} = k.key limit 1) found on true
        where k.wave = @wave
        order by k.key
        """;

    private string Copy => $"copy {plan.Type.Table} ({string.Join(", ", Columns)}) from stdin (format binary)";

    private IEnumerable<string> Columns
    {
        get
        {
            List<string> columns = [.. plan.Type.OwnerColumns.Select(owner => owner.Column), "id", "created_at", "created_by", "updated_at", "updated_by"];
            foreach (var column in plan.Own)
            {
                columns.Add(column.Field.Key);
                if (column.Field.KeyColumn is { } key) columns.Add(key);
            }

            if (plan.Custom.Count > 0) columns.Add("custom");
            if (plan.StagesTags) columns.AddRange(["tags", "tag_keys"]);
            return columns;
        }
    }

    /// <summary>Creates records of those of a wave's rows that match none; <see cref="Matched"/> says which are left.</summary>
    /// <returns>How many records were created.</returns>
    public async Task<long> InsertAsync(NpgsqlConnection connection, ImportChunk chunk, int wave, CancellationToken cancellationToken)
    {
        _free.Clear();
        _matched.Clear();
        if (wave > 0 || !GoesBlind)
        {
            await PartAsync(connection, chunk, wave, cancellationToken);
            if (wave == 0) _wavesWithoutMatch = _matched.Count == 0 ? _wavesWithoutMatch + 1 : 0;
            return await CopyAsync(connection, chunk, cancellationToken);
        }

        // Where one of them matches after all, this wave is begun again with a look.
        var (before, needed) = (_wavesWithoutMatch, _wavesNeeded);
        (_wavesWithoutMatch, _wavesNeeded) = (0, Math.Min(needed * 2, MostWavesNeeded));
        chunk.AddWave(wave, _free);
        if (plan.Match is not null) _free.Sort((one, other) => KeyAt(chunk, one).SequenceCompareTo(KeyAt(chunk, other)));
        var created = await CopyAsync(connection, chunk, cancellationToken);
        (_wavesWithoutMatch, _wavesNeeded) = (before + 1, needed);
        return created;
    }

    /// <summary>Copies to the stage those rows of the wave that were left.</summary>
    public async Task StageMatchedAsync(NpgsqlConnection connection, ImportChunk chunk, string stage, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(stage, cancellationToken);
        _block.Length = 0;
        _block.Append(PgCopy.Header);
        foreach (var seq in _matched)
        {
            _block.Append(chunk.TupleOf(seq));
            await FlushAsync(copy, atLeast: BlockBytes, cancellationToken);
        }

        await EndAsync(copy, cancellationToken);
    }

    public void Dispose() => _block.Dispose();

    private bool GoesBlind => plan.Match is null || (plan.Match.Field.Unique && _wavesWithoutMatch >= _wavesNeeded);

    private static ReadOnlySpan<byte> KeyAt(ImportChunk chunk, int seq) => StagedTuple.FieldAt(chunk.Tuples.Written, chunk.Staged[seq].KeyStart)[sizeof(int)..];

    // Rows that match nothing in the order of their keys, so that two imports of the same keys wait for each other and do not deadlock.
    private async Task PartAsync(NpgsqlConnection connection, ImportChunk chunk, int wave, CancellationToken cancellationToken)
    {
        await StageKeysAsync(connection, chunk, wave, cancellationToken);
        await using var command = new NpgsqlCommand(Lookup, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("wave", wave);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) (reader.GetBoolean(1) ? _matched : _free).Add(reader.GetInt32(0));
    }

    private async Task StageKeysAsync(NpgsqlConnection connection, ImportChunk chunk, int wave, CancellationToken cancellationToken)
    {
        chunk.AddWave(wave, _free);
        await using var copy = await connection.BeginRawBinaryCopyAsync("copy staged_keys (seq, wave, key) from stdin (format binary)", cancellationToken);
        _block.Length = 0;
        _block.Append(PgCopy.Header);
        foreach (var seq in _free)
        {
            _block.BeginTuple(3);
            _block.Append(chunk.TupleOf(seq)[StagedTuple.Seq..StagedTuple.Id]);
            _block.Append(StagedTuple.FieldAt(chunk.Tuples.Written, chunk.Staged[seq].KeyStart));
            await FlushAsync(copy, atLeast: BlockBytes, cancellationToken);
        }

        await EndAsync(copy, cancellationToken);
        _free.Clear();
    }

    private async Task<long> CopyAsync(NpgsqlConnection connection, ImportChunk chunk, CancellationToken cancellationToken)
    {
        if (_free.Count == 0) return 0;
        var (head, stamps) = await EncodeFixedAsync(connection, cancellationToken);
        await using var copy = await connection.BeginRawBinaryCopyAsync(Copy, cancellationToken);
        _block.Length = 0;
        _block.Append(PgCopy.Header);
        foreach (var seq in _free)
        {
            var tuple = chunk.TupleOf(seq);
            _block.Append(head);
            _block.Append(tuple[StagedTuple.Id..StagedTuple.LacksAll]);
            _block.Append(stamps);
            _block.Append(tuple[StagedTuple.Values..^(plan.StagesTags ? StagedTuple.BooleanLength : 0)]);
            await FlushAsync(copy, atLeast: BlockBytes, cancellationToken);
        }

        await EndAsync(copy, cancellationToken);
        return _free.Count;
    }

    /// <summary>What stands in every tuple before the record's id, and what stands between that and its values.</summary>
    private async Task<(byte[] Head, byte[] Stamps)> EncodeFixedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Microseconds since 2000, as the binary format has them: the time of the transaction, as everywhere else.
        await using var command = new NpgsqlCommand("select (extract(epoch from now()) * 1000000)::bigint - 946684800000000", connection);
        var now = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        using var head = new ByteBuffer(64);
        head.BeginTuple(Columns.Count());
        head.Uuid(lane.AccountId);
        if (plan.Type.TypeId is { } type) head.Uuid(type);
        using var stamps = new ByteBuffer(64);
        for (var i = 0; i < 2; i++)
        {
            stamps.Int64(now);
            stamps.Uuid(userId);
        }

        return (head.Written.ToArray(), stamps.Written.ToArray());
    }

    private async ValueTask FlushAsync(NpgsqlRawCopyStream copy, int atLeast, CancellationToken cancellationToken)
    {
        if (_block.Length < atLeast) return;
        await copy.WriteAsync(_block.Memory, cancellationToken);
        _block.Length = 0;
    }

    private async ValueTask EndAsync(NpgsqlRawCopyStream copy, CancellationToken cancellationToken)
    {
        _block.Append(PgCopy.Trailer);
        await FlushAsync(copy, atLeast: 0, cancellationToken);
    }
}
