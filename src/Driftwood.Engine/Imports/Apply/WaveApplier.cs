using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>Applies the staged rows of a wave as a set: marks those that match and those that fail, then writes the others.</summary>
internal sealed class WaveApplier(ImportPlan plan, ImportStatements statements, RefusedRows refused, LaneRef lane)
{
    private readonly CompanyLinker? _companies = plan.Company is null ? null : new CompanyLinker(plan, statements.CompanyCandidates!, lane);

    /// <param name="wave">The wave.</param>
    /// <param name="chunk">Gets the warnings for rows that are not linked with the company they name.</param>
    /// <param name="rows">The number of the wave's rows on the stage.</param>
    /// <param name="mostMatch">Whether most rows are expected to match a record.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>The outcomes; null when another writer changed a matched record meanwhile.</returns>
    public async Task<WaveCounts?> ApplyAsync(Wave wave, ImportChunk chunk, int rows, bool mostMatch, CancellationToken cancellationToken)
    {
        WrittenCounts? written = null;
        if (mostMatch && statements.UpdateByKey is { } updateByKey)
        {
            written = await wave.WriteAsync(updateByKey, cancellationToken);
            if (written.Value.All == rows) return new WaveCounts(0, written.Value.Changed, written.Value.Unchanged);
        }

        if (!await MatchAsync(wave, mostMatch, cancellationToken)) return null;
        IReadOnlyList<UnlinkedRow>? unlinked = [];
        if (_companies is not null)
            unlinked = await _companies.LinkAsync(wave, chunk.Staged.Count, chunk.CompanyValuesOf, cancellationToken);
        if (unlinked is null) return null;
        var counts = await WriteAsync(wave, written, cancellationToken);
        if (counts is not null) chunk.Warned.AddRange(unlinked.Select(row => refused.Warn(chunk, row)));
        return counts;
    }

    /// <summary>Matches, locks and checks the wave's rows; false when another writer changed a matched record meanwhile.</summary>
    private async Task<bool> MatchAsync(Wave wave, bool mostMatch, CancellationToken cancellationToken)
    {
        if ((mostMatch ? statements.MatchMost : statements.MatchFew) is { } match)
        {
            var matched = await wave.ExecuteAsync(match, cancellationToken);
            if (matched > 0 && statements.Lock is { } @lock && !await LockAsync(wave, @lock, cancellationToken)) return false;
        }

        foreach (var check in statements.Checks) await wave.ExecuteAsync(check, cancellationToken);
        return true;
    }

    private async Task<bool> LockAsync(Wave wave, string text, CancellationToken cancellationToken)
    {
        await using (var command = wave.Command(text))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            if (reader.GetInt64(0) != reader.GetInt64(1)) return false;
        }

        return statements.LostMatches is not { } lost || await wave.CountAsync(lost, cancellationToken) == 0;
    }

    /// <summary>Writes the wave's sound rows. Some may be updated already. Returns null when another writer changed a record.</summary>
    private async Task<WaveCounts?> WriteAsync(Wave wave, WrittenCounts? done, CancellationToken cancellationToken)
    {
        if (statements.Insert is { } insert && await wave.ExecuteAsync(insert, cancellationToken) > 0)
        {
            await wave.ExecuteAsync(statements.LogCreated!, cancellationToken);
        }

        var written = done ?? (statements.Update is { } update ? await wave.WriteAsync(update, cancellationToken) : default);
        foreach (var statement in statements.AfterWrites) await wave.ExecuteAsync(statement, cancellationToken);
        var counts = await CountAsync(wave, cancellationToken);
        if (counts.Skipped > 0 && statements.LogSkipped is { } skipped) await wave.ExecuteAsync(skipped, cancellationToken);
        return written.All == counts.Updated ? counts.With(written) : null;
    }

    private async Task<WaveCounts> CountAsync(Wave wave, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(statements.Outcomes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new WaveCounts(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
