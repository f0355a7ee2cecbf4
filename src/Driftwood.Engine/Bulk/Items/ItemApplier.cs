using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Driftwood.Engine.Staging;
using Npgsql;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>Applies a chunk of items inside an open transaction: COPY into the stage, then wave after wave, each as a set.</summary>
internal sealed class ItemApplier(RecordType type, ItemsOperation operation, Guid userId)
{
    /// <summary>How often a wave is begun again because another writer took a unique value or changed a record in between.</summary>
    private const int MaxTries = 10;

    /// <summary>An item that would need one more begins the next chunk: no transaction of thousands of statements.</summary>
    private const int MaxWaves = 64;

    // Keeps records apart from keys, which have the places of their fields for seeds.
    private const ulong RecordSeed = 1_000_000;

    // Each item against an index of the records, whatever is guessed of a temporary table without statistics; and no
    // compiling of statements that look dear for what is forbidden.
    private const string PlannerSettings = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local jit = off";

    private readonly ItemSql _sql = new(type, operation);
    private readonly WaveStatements _statements = new(userId);

    /// <summary>Says of each staged item what became of it. May cut the chunk: items behind the cut are not applied.</summary>
    public async Task MergeAsync(NpgsqlConnection connection, ItemStage stage, ItemChunk chunk, CancellationToken cancellationToken)
    {
        await _statements.ExecuteAsync(connection, PlannerSettings, cancellationToken);
        await CopyAsync(connection, stage, chunk, cancellationToken);
        SetWaves(chunk, await ReadOwnersAsync(connection, chunk, cancellationToken));
        if (chunk.Waves > 1)
        {
            await _statements.ExecuteAsync(connection, "delete from stage", cancellationToken);
            stage.Write(chunk.Staged, chunk.Tuples);
            await CopyAsync(connection, stage, chunk, cancellationToken);
        }

        for (var wave = 0; wave < chunk.Waves; wave++) await MergeWaveAsync(connection, chunk, wave, cancellationToken);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, ItemStage stage, ItemChunk chunk, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(stage.Copy, cancellationToken);
        await copy.WriteAsync(chunk.Tuples.Memory, cancellationToken);
    }

    private async Task<ILookup<int, Guid>> ReadOwnersAsync(NpgsqlConnection connection, ItemChunk chunk, CancellationToken cancellationToken)
    {
        List<(int Seq, Guid Record)> owners = [];
        if (_sql.Owners is { } text && chunk.Staged.Count > 1)
        {
            await using var command = _statements.Command(connection, text);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) owners.Add((reader.GetInt32(0), reader.GetGuid(1)));
        }

        return owners.ToLookup(owner => owner.Seq, owner => owner.Record);
    }

    private void SetWaves(ItemChunk chunk, ILookup<int, Guid> owners)
    {
        var waves = new ItemWaves();
        foreach (var item in chunk.Staged)
        {
            item.Wave = waves.Add([.. Keys(item), .. owners[item.Seq].Concat(item.Id is { } id ? [id] : []).Select(record => KeyHash.Of(record.ToByteArray(), RecordSeed))]);
            chunk.Waves = Math.Max(chunk.Waves, item.Wave + 1);
            if (item.Wave < MaxWaves) continue;
            chunk.Waves = MaxWaves;
            chunk.CutBefore(item);
            break;
        }
    }

    private IEnumerable<ulong> Keys(Item item)
    {
        for (var place = 0; place < type.Fields.Count; place++)
        {
            var field = type.Fields[place];
            var counts = field.Unique || field == operation.MatchOn;
            if (counts && item.Values[field.Key] is { } value && MatchKeys.Of(field.MatchKey!.Value, value) is { } key)
            {
                yield return KeyHash.Of(Encoding.UTF8.GetBytes(key), (ulong)place + 1);
            }
        }
    }

    private async Task MergeWaveAsync(NpgsqlConnection connection, ItemChunk chunk, int wave, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await _statements.ExecuteAsync(connection, "savepoint wave", cancellationToken);
            try
            {
                if (await FindAsync(connection, wave, cancellationToken))
                {
                    var written = await WriteAsync(connection, wave, cancellationToken);
                    await ReadOutcomesAsync(connection, chunk, wave, written, cancellationToken);
                    await _statements.ExecuteAsync(connection, "release savepoint wave", cancellationToken);
                    return;
                }
            }
            catch (PostgresException clash) when (clash.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation)
            {
                // Another writer was faster; its work is visible to the next try.
            }

            if (attempt >= MaxTries) throw new ContentionException(MaxTries);
            await _statements.ExecuteAsync(connection, "rollback to savepoint wave", cancellationToken);
        }
    }

    /// <summary>Finds, locks and checks; false when another writer changed a record meanwhile.</summary>
    private async Task<bool> FindAsync(NpgsqlConnection connection, int wave, CancellationToken cancellationToken)
    {
        long found = 0;
        foreach (var match in _sql.Match) found += await _statements.ExecuteAsync(connection, match, wave, cancellationToken);
        if (found > 0)
        {
            await _statements.ExecuteAsync(connection, _sql.Lock, wave, cancellationToken);
            if (await _statements.CountAsync(connection, _sql.Lost, wave, cancellationToken) > 0) return false;
        }

        await _statements.ExecuteAsync(connection, _sql.Check, wave, cancellationToken);
        return _sql.Missed is not { } missed || await _statements.CountAsync(connection, missed, wave, cancellationToken) == 0;
    }

    private async Task<long> WriteAsync(NpgsqlConnection connection, int wave, CancellationToken cancellationToken)
    {
        var written = _sql.Insert is { } insert ? await _statements.ExecuteAsync(connection, insert, wave, cancellationToken) : 0;
        if (_sql.Update is { } update) written += await _statements.ExecuteAsync(connection, update, wave, cancellationToken);
        foreach (var statement in _sql.UniqueValues) await _statements.ExecuteAsync(connection, statement, wave, cancellationToken);
        return written;
    }

    private async Task ReadOutcomesAsync(NpgsqlConnection connection, ItemChunk chunk, int wave, long written, CancellationToken cancellationToken)
    {
        await using var command = _statements.Command(connection, ItemSql.Outcomes, wave);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
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
            if (item.Fault is null) written--;
        }

        if (written != 0) throw new InvalidOperationException($"A wave of items wrote {written} records more than it has sound items.");
    }

    private Fault FaultOf(string fault, Item item)
    {
        var (code, field) = fault.Split(' ') is [var word, var key] ? (word, type.Find(key)) : (fault, null);
        return code switch
        {
            "lacks" => new("required", item.Lack!.Message),
            "blanks" => new("required", item.Blanked!.Message),
            "any_of" => new("required", RecordValues.NeedsAnyOf(type).Message),
            "not_found" when field!.Kind == FieldKind.Reference => new(code, $"{field.Key}: There is no record of {field.Target} with this id."),
            "not_found" => new(code, $"There is no record with this {field!.Key}."),
            "ambiguous_match" => new(code, $"Several records have this {field!.Key}; match on a field whose values are unique."),
            "duplicate_value" => new(code, $"{field!.Key}: Another record of {type.Key} has this {field.Key}; it must be unique."),
            _ => throw new InvalidOperationException($"Unknown fault {fault}."),
        };
    }
}
