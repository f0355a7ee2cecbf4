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
    // Keeps the tokens of records apart from those of match keys (seed 0) and unique values (1, 2, …).
    private const ulong RecordSeed = 1_000;

    /// <summary>Orders a staged chunk. Rows that would need too many waves are left to the next chunk.</summary>
    public async Task SetWavesAsync(NpgsqlConnection connection, StageOwner owner, ImportChunk chunk, CancellationToken cancellationToken)
    {
        await using (var command = StageSession.Command(connection, statements.AnyOwner!, owner))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is null) return;
        }

        var waves = new Waves(linked: true);
        await using (var command = StageSession.Command(connection, statements.Owners!, owner))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken) && TryAdd(waves, chunk, reader))
            {
            }
        }

        chunk.Waves = waves.Count;
        await stage.ReplaceAsync(connection, chunk.Tuples.Memory, cancellationToken);
    }

    private static bool TryAdd(Waves waves, ImportChunk chunk, NpgsqlDataReader owners)
    {
        var seq = owners.GetInt32(0);
        var together = chunk.CompanyTokens(seq);
        var records = Enumerable.Range(1, owners.FieldCount - 1).Select(i => TokenOf(owners, i));
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

    private static ulong TokenOf(NpgsqlDataReader owners, int column) =>
        owners.IsDBNull(column) ? 0 : KeyHash.Of(owners.GetGuid(column).ToByteArray(), RecordSeed);
}
