using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Staging;
using Npgsql;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// Orders rows by the records that own their unique values (<see cref="Plan.RowOrder.Linked"/>). A row whose value belongs to a record
/// with another match key depends on whether that record's own row comes first. If a chunk has such rows, its waves are computed again
/// with the records as tokens.
/// </summary>
internal sealed class OwnerOrder(ImportStatements statements, StageTable stage)
{
    /// <summary>The most records with a row's key that are told apart. A chunk with a key of more is applied row after row.</summary>
    public const int MaxRecords = 100;

    // Belongs to no record.
    private const ulong Everything = 1;

    // Keeps the tokens of records apart from those of match keys (seed 0) and unique values (1, 2, …).
    private const ulong RecordSeed = 1_000;

    /// <summary>Orders a staged chunk. Rows that would need too many waves are left to the next chunk.</summary>
    public async Task SetWavesAsync(NpgsqlConnection connection, StageOwner owner, ImportChunk chunk, CancellationToken cancellationToken)
    {
        await using (var command = StageSession.Command(connection, statements.AnyOwner!, owner))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is null) return;
        }

        List<(int Seq, ulong[] Records)> rows = [];
        await using (var command = StageSession.Command(connection, statements.Owners!, owner))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) rows.Add((reader.GetInt32(0), [.. TokensOf(reader)]));
        }

        var areTooMany = rows.Exists(row => row.Records.Length > MaxRecords);
        var waves = new Waves(linked: true);
        foreach (var (seq, records) in rows)
        {
            if (!TryAdd(waves, chunk, seq, areTooMany ? [Everything] : records)) break;
        }

        chunk.Waves = waves.Count;
        await stage.ReplaceAsync(connection, chunk.Tuples.Memory, cancellationToken);
    }

    private static bool TryAdd(Waves waves, ImportChunk chunk, int seq, ulong[] records)
    {
        var together = chunk.CompanyTokens(seq);
        ReadOnlySpan<ulong> tokens = [.. chunk.KeyTokens(seq), .. records];
        var wave = waves.Peek(tokens, together);
        if (wave >= Waves.Max)
        {
            chunk.CutBefore(seq);
            return false;
        }

        waves.Add(tokens, together, wave);
        chunk.SetWave(seq, wave);
        return true;
    }

    // A column has a record, or an array of records in which some may be null.
    private static IEnumerable<ulong> TokensOf(NpgsqlDataReader owners)
    {
        for (var column = 1; column < owners.FieldCount; column++)
        {
            if (owners.IsDBNull(column)) continue;
            var isOne = owners.GetFieldType(column) == typeof(Guid);
            Guid?[] records = isOne ? [owners.GetGuid(column)] : owners.GetFieldValue<Guid?[]>(column);
            foreach (var record in records)
            {
                if (record is { } id) yield return KeyHash.Of(id.ToByteArray(), RecordSeed);
            }
        }
    }
}
