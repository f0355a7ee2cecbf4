using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Driftwood.Engine.Staging;
using Npgsql;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>Applies a chunk of items inside an open transaction: COPY into the stage, then wave after wave, each as a set.</summary>
internal sealed class ItemApplier(
    RecordType type, ItemsOperation operation, LaneRef lane, Guid userId, bool keepsChanges, SqlDialect dialect)
{
    private readonly StageOwner _owner = new(lane.AccountId, lane.JobId, userId, lane.Lane);

    // Keeps the tokens of records apart from those of keys. The seed of a key is the place of its field.
    private const ulong RecordSeed = 1_000_000;

    private readonly ItemSql _sql = new(type, operation, keepsChanges, dialect);

    /// <summary>The stage of the lane's chunks.</summary>
    public ItemStage Stage { get; } = new(type, lane.AccountId);

    /// <summary>Sets the outcome of each staged item. It may cut the chunk: items after the cut are not applied.</summary>
    public async Task ApplyAsync(NpgsqlConnection connection, ItemChunk chunk, CancellationToken cancellationToken)
    {
        await StageSession.BeginAsync(connection, Stage.Table, dialect, cancellationToken);
        await Stage.Table.CopyAsync(connection, chunk.Tuples.Memory, cancellationToken);
        SetWaves(chunk, await ReadOwnersAsync(connection, chunk, cancellationToken));
        if (chunk.Waves > 1)
        {
            Stage.Encode(chunk.Staged, chunk.Tuples);
            await Stage.Table.ReplaceAsync(connection, chunk.Tuples.Memory, cancellationToken);
        }

        chunk.Unchanged = 0;
        var place = new StagePlace(chunk.Cursor, [.. chunk.Staged.Select(item => item.Index)]);
        for (var number = 0; number < chunk.Waves; number++)
        {
            var wave = new Wave(connection, _owner, place, number);
            var written = await wave.ApplyAsync(token => ApplyWaveAsync(wave, chunk, token), cancellationToken);
            chunk.Unchanged += written.Unchanged;
        }
    }

    private async Task<ILookup<int, Guid>> ReadOwnersAsync(
        NpgsqlConnection connection, ItemChunk chunk, CancellationToken cancellationToken)
    {
        List<(int Seq, Guid Record)> owners = [];
        if (_sql.Owners is { } text && chunk.Staged.Count > 1)
        {
            await using var command = StageSession.Command(connection, text, _owner);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) owners.Add((reader.GetInt32(0), reader.GetGuid(1)));
        }

        return owners.ToLookup(owner => owner.Seq, owner => owner.Record);
    }

    private void SetWaves(ItemChunk chunk, ILookup<int, Guid> owners)
    {
        var waves = new Waves(linked: true);
        foreach (var item in chunk.Staged)
        {
            var records = owners[item.Seq].Concat(item.Id is { } id ? [id] : []);
            ulong[] tokens = [.. Keys(item), .. records.Select(record => KeyHash.Of(record.ToByteArray(), RecordSeed))];
            item.Wave = waves.Peek(tokens, []);
            if (item.Wave >= Waves.Max)
            {
                chunk.CutBefore(item);
                break;
            }

            waves.Add(tokens, [], item.Wave);
        }

        chunk.Waves = waves.Count;
    }

    private IEnumerable<ulong> Keys(Item item)
    {
        foreach (var (place, field) in type.Fields.Index())
        {
            var counts = field.Unique || field == operation.MatchOn;
            if (counts && item.Values[field.Key] is { } value && MatchKeys.Of(field.MatchKey!.Value, value) is { } key)
            {
                yield return KeyHash.Of(Encoding.UTF8.GetBytes(key), (ulong)place + 1);
            }
        }
    }

    /// <returns>The numbers of records; null when another writer changed a record meanwhile.</returns>
    private async Task<WrittenCounts?> ApplyWaveAsync(Wave wave, ItemChunk chunk, CancellationToken cancellationToken)
    {
        if (!await MatchAsync(wave, cancellationToken)) return null;
        var written = await WriteAsync(wave, cancellationToken);
        var sound = await ReadOutcomesAsync(wave, chunk, cancellationToken);
        return written.All == sound
            ? written
            : throw new InvalidOperationException($"A wave of items found or made {written.All} records but has {sound} sound items.");
    }

    /// <summary>Matches, locks and checks the items. Returns false when another writer changed a record meanwhile.</summary>
    private async Task<bool> MatchAsync(Wave wave, CancellationToken cancellationToken)
    {
        long found = 0;
        foreach (var match in _sql.Match) found += await wave.ExecuteAsync(match, cancellationToken);
        if (found > 0)
        {
            await wave.ExecuteAsync(_sql.Lock, cancellationToken);
            if (await wave.CountAsync(_sql.Lost, cancellationToken) > 0) return false;
        }

        await wave.ExecuteAsync(_sql.Check, cancellationToken);
        return _sql.Missed is not { } missed || await wave.CountAsync(missed, cancellationToken) == 0;
    }

    private async Task<WrittenCounts> WriteAsync(Wave wave, CancellationToken cancellationToken)
    {
        var created = _sql.Insert is { } insert ? await wave.ExecuteAsync(insert, cancellationToken) : 0;
        if (created > 0) await wave.ExecuteAsync(_sql.LogCreated!, cancellationToken);
        var written = _sql.Update is { } update ? await wave.WriteAsync(update, cancellationToken) : default;
        foreach (var statement in _sql.UniqueValues) await wave.ExecuteAsync(statement, cancellationToken);
        return written with { Changed = created + written.Changed };
    }

    /// <summary>Sets the outcomes of the wave's items.</summary>
    /// <returns>The number of sound items.</returns>
    private async Task<long> ReadOutcomesAsync(Wave wave, ItemChunk chunk, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(ItemSql.Outcomes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sound = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var item = chunk.Staged[reader.GetInt32(0)];
            Guid? match = reader.IsDBNull(1) ? null : reader.GetGuid(1);
            item.Fault = reader.IsDBNull(2) ? null : FaultOf(reader.GetString(2), item);
            item.IsCreated = item.Fault is null && match is null;
            item.RecordId = item switch
            {
                { IsCreated: true } => item.NewId,
                { Fault.Code: "ambiguous_match" } => null,
                _ => match ?? item.Id,
            };
            if (item.Fault is null) sound++;
        }

        return sound;
    }

    private Fault FaultOf(string fault, Item item)
    {
        var (code, field) = fault.Split(' ') is [var word, var key] ? (word, type.Find(key)) : (fault, null);
        return code switch
        {
            "lacks" => new("required", item.Lack!.Message),
            "blanks" => new("required", item.Blanked!.Message),
            "any_of" => new("required", RecordValues.NeedsAnyOf(type).Message),
            "not_found" when field!.Kind == FieldKind.Reference =>
                new(code, $"{field.Key}: There is no record of {field.Target} with this id."),
            "not_found" => new(code, $"There is no record with this {field!.Key}."),
            "ambiguous_match" => new(code, $"Several records have this {field!.Key}; match on a field whose values are unique."),
            "duplicate_value" => new(code, $"{field!.Key}: Another record of {type.Key} has this {field.Key}; it must be unique."),
            _ => throw new InvalidOperationException($"Unknown fault {fault}."),
        };
    }
}
