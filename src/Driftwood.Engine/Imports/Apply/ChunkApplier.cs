using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;
using Npgsql;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// Applies a chunk inside an open transaction: COPY into the stage, then wave after wave, each as a set. Where it can be so
/// and few rows match, those that create records do not come to the stage.
/// </summary>
internal sealed class ChunkApplier(ImportPlan plan, FileFormat format, LaneRef lane, Guid userId) : IDisposable
{
    /// <summary>
    /// How often a wave is begun again because another writer took a unique value or changed a matched record in between.
    /// Each time what that writer did is seen, so a wave needs as many tries as there are writers at the same keys.
    /// </summary>
    private const int MaxTries = 10;

    // Keeps records apart from match keys (seed 0) and unique values (1, 2, …) among a row's tokens.
    private const ulong RecordSeed = 1_000;

    // Each row of the stage against an index of the records: never a scan of the records, whatever is guessed of a temporary
    // table without statistics. Sequential scans stay allowed: the stage has no index, and a plan that cannot do without
    // what is forbidden is chosen by chance, and looks so dear that every statement is compiled, which takes 0.1 s each.
    private const string PlannerSettings = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local jit = off";

    private readonly StageTable _stage = new(plan);
    private readonly string _outcomes = new StageSql(plan).Outcomes;
    private readonly WaveStatements _statements = new(userId);
    private readonly MatchSql _matches = new(plan);
    private readonly WriteSql _records = new(plan);
    private readonly IReadOnlyList<string> _checks = new CheckSql(plan).All;
    private readonly IReadOnlyList<string> _uniqueValues = new WriteSql(plan).UniqueValues;
    private readonly IReadOnlyList<string> _keepDryRunState = new DryRunSql(plan).Keep;
    private readonly DirectInsert? _direct = plan.InsertsDirectly ? new DirectInsert(plan, lane, userId) : null;
    private bool _mostMatch; // of the rows of the wave before
    private readonly CompanyLinker? _companies = plan.Company is null ? null : new CompanyLinker(plan, new MatchSql(plan).CompanyCandidates, lane, userId);

    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await _statements.ExecuteAsync(connection, _stage.Create(lane.AccountId, lane.JobId), cancellationToken);
        if (_direct is not null) await _statements.ExecuteAsync(connection, _direct.Create, cancellationToken);
    }

    /// <summary>
    /// Rows it cannot apply are added to <see cref="ImportChunk.Refused"/>. May lower the chunk's <see cref="LaneChunk.EndCursor"/>: rows behind it are
    /// not applied.
    /// </summary>
    public async Task<LaneCounts> MergeAsync(NpgsqlConnection connection, ImportChunk chunk, CancellationToken cancellationToken)
    {
        long created = 0, updated = 0, skipped = chunk.Blank.Count;
        if (chunk.Staged.Count > 0)
        {
            await _statements.ExecuteAsync(connection, PlannerSettings, cancellationToken);
            var direct = chunk.LacksRequired || (_mostMatch && !plan.SkipsMatches) ? null : _direct;
            if (direct is null) await CopyAsync(connection, chunk, cancellationToken);
            if (plan.UpdatesMatches && plan.OtherUnique.Count > 0) await OrderByOwnersAsync(connection, chunk, cancellationToken);
            for (var wave = 0; wave < chunk.Waves; wave++)
            {
                var (waveCreated, waveUpdated, waveSkipped) = await MergeWaveAsync(connection, chunk, wave, direct, cancellationToken);
                // The record that the first row of a key had found was deleted before the others were looked up: which of them is
                // to make it anew is told by a chunk that begins again.
                if (wave > 0 && waveCreated > 0 && plan.RepeatsGoTogether) throw new LaneContentionException(tries: 1);
                created += waveCreated;
                updated += waveUpdated;
                skipped += waveSkipped;
                await CollectFaultsAsync(connection, chunk, wave, cancellationToken);
            }
        }

        var counts = new LaneCounts(created, updated, 0, skipped, chunk.Failed.Count + chunk.Refused.Count) { Warned = chunk.Warned.Count };
        return counts.Processed == chunk.Count
            ? counts
            : throw new InvalidOperationException($"A chunk of {chunk.Count} rows gave {counts.Processed} outcomes: {counts}.");
    }

    private async Task CopyAsync(NpgsqlConnection connection, ImportChunk chunk, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(_stage.Copy, cancellationToken);
        await copy.WriteAsync(PgCopy.Header.ToArray(), cancellationToken);
        await copy.WriteAsync(chunk.Tuples.Memory, cancellationToken);
        await copy.WriteAsync(PgCopy.Trailer.ToArray(), cancellationToken);
    }

    private async Task<(long Created, long Updated, long Skipped)> MergeWaveAsync(
        NpgsqlConnection connection, ImportChunk chunk, int wave, DirectInsert? direct, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await _statements.ExecuteAsync(connection, "savepoint wave", cancellationToken);
            try
            {
                var inserted = direct is null ? 0 : await direct.InsertAsync(connection, chunk, wave, cancellationToken);
                if (await MergeStagedAsync(connection, chunk, wave, direct, cancellationToken) is { } outcomes)
                {
                    await _statements.ExecuteAsync(connection, "release savepoint wave", cancellationToken);
                    outcomes.Created += inserted;
                    _mostMatch = outcomes.Updated + outcomes.Skipped > outcomes.Created;
                    return outcomes;
                }
            }
            catch (PostgresException clash) when (clash.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation)
            {
                // Another writer was faster; its work is visible to the next try.
            }

            if (attempt >= MaxTries) throw new LaneContentionException(MaxTries);
            await _statements.ExecuteAsync(connection, "rollback to savepoint wave", cancellationToken);
        }
    }

    /// <summary>What became of those rows of the wave that were not inserted directly; null when another writer changed a matched record meanwhile.</summary>
    private async Task<(long Created, long Updated, long Skipped)?> MergeStagedAsync(
        NpgsqlConnection connection, ImportChunk chunk, int wave, DirectInsert? direct, CancellationToken cancellationToken)
    {
        if (direct is not null)
        {
            if (direct.Matched.Count == 0 || plan.SkipsMatches) return (0, 0, direct.Matched.Count);
            await direct.StageMatchedAsync(connection, chunk, _stage.Copy, cancellationToken);
        }

        long? updated = null;
        if (plan.UpdatesDirectly && (direct is not null || _mostMatch))
        {
            updated = await _statements.ExecuteAsync(connection, _records.UpdateByKey, wave, cancellationToken);
            if (updated == (direct is not null ? direct.Matched.Count : CountOf(chunk, wave))) return (0, updated.Value, 0);
        }

        if (!await MatchAsync(connection, wave, cancellationToken) || await LinkAsync(connection, chunk, wave, cancellationToken) is not { } unlinked) return null;
        var outcomes = await WriteAsync(connection, wave, updated, cancellationToken);
        if (outcomes is not null) chunk.Warned.AddRange(unlinked.Select(row => Warned(chunk, row)));
        return outcomes;
    }

    /// <summary>Matches, locks and checks the wave's rows; false when another writer changed a matched record meanwhile.</summary>
    private async Task<bool> MatchAsync(NpgsqlConnection connection, int wave, CancellationToken cancellationToken)
    {
        if (_matches.Match(_mostMatch) is { } match)
        {
            var matched = await _statements.ExecuteAsync(connection, match, wave, cancellationToken);
            if (matched > 0 && _matches.LocksFirst && !await LockAsync(connection, wave, cancellationToken)) return false;
        }

        foreach (var check in _checks) await _statements.ExecuteAsync(connection, check, wave, cancellationToken);
        return true;
    }

    private async Task<bool> LockAsync(NpgsqlConnection connection, int wave, CancellationToken cancellationToken)
    {
        await using (var command = _statements.Command(connection, _matches.Lock, wave))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            if (reader.GetInt64(0) != reader.GetInt64(1)) return false;
        }

        return _matches.LostMatches is not { } lost || await _statements.CountAsync(connection, lost, wave, cancellationToken) == 0;
    }

    /// <summary>What became of the wave's sound rows, of which some may be updated already; null when another writer changed a record that was to be updated.</summary>
    private async Task<(long Created, long Updated, long Skipped)?> WriteAsync(NpgsqlConnection connection, int wave, long? done, CancellationToken cancellationToken)
    {
        if (plan.IsDryRun)
        {
            foreach (var statement in _keepDryRunState) await _statements.ExecuteAsync(connection, statement, wave, cancellationToken);
            return await OutcomesAsync(connection, wave, cancellationToken);
        }

        var created = _records.Insert is { } insert ? await _statements.ExecuteAsync(connection, insert, wave, cancellationToken) : 0;
        var updated = done ?? (_records.Update is { } update ? await _statements.ExecuteAsync(connection, update, wave, cancellationToken) : 0);
        foreach (var statement in _uniqueValues) await _statements.ExecuteAsync(connection, statement, wave, cancellationToken);
        var (_, toUpdate, skipped) = await OutcomesAsync(connection, wave, cancellationToken);
        return updated == toUpdate ? (created, updated, skipped) : null;
    }

    private static int CountOf(ImportChunk chunk, int wave)
    {
        if (chunk.Waves == 1) return chunk.Staged.Count;
        List<int> rows = [];
        chunk.AddWave(wave, rows);
        return rows.Count;
    }

    /// <summary>How many of the wave's sound rows are to create a record, to update one, and to be skipped.</summary>
    private async Task<(long ToCreate, long ToUpdate, long Skipped)> OutcomesAsync(NpgsqlConnection connection, int wave, CancellationToken cancellationToken)
    {
        await using var command = _statements.Command(connection, _outcomes, wave);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    private async Task<IReadOnlyList<UnlinkedRow>?> LinkAsync(NpgsqlConnection connection, ImportChunk chunk, int wave, CancellationToken cancellationToken) =>
        _companies is null ? [] : await _companies.LinkAsync(connection, wave, chunk.Staged.Count, cancellationToken);

    private WarnedRow Warned(ImportChunk chunk, UnlinkedRow unlinked)
    {
        var row = chunk.Staged[unlinked.Row.Seq];
        var company = plan.Company!;
        var column = unlinked.Row switch
        {
            { NameKey: not null } => company.Name!,
            { HasWebsite: true } => company.Website!,
            _ => company.Email!,
        };
        return new WarnedRow(row.RowNumber, row.LineNumber, column, unlinked.Fault, Cell(chunk.RawOf(row), column.Index));
    }

    private async Task CollectFaultsAsync(NpgsqlConnection connection, ImportChunk chunk, int wave, CancellationToken cancellationToken)
    {
        await using var command = _statements.Command(connection, StageSql.Faults, wave);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = chunk.Staged[reader.GetInt32(0)];
            var field = reader.IsDBNull(2) ? null : reader.GetString(2);
            var column = plan.Columns.FirstOrDefault(c => c.Field.Key == field) ?? (field == "tags" ? plan.Tags : null);
            var raw = chunk.RawOf(row);
            var cell = new BadCell(column?.Name, field == CheckSql.AnyOf ? null : field, FaultOf(reader.GetString(1), field), column is null ? null : Cell(raw, column.Index));
            chunk.Refused.Add(new FailedRow(row.RowNumber, row.LineNumber, [cell], raw));
        }
    }

    private Fault FaultOf(string code, string? field)
    {
        var label = field is null ? null : plan.Type.Find(field)?.Label;
        return new Fault(code, code switch
        {
            "ambiguous_match" => $"Several records have this {label}; match on a field whose values are unique.",
            "duplicate_value" => $"Another record already has this {label}.",
            "required" when field == CheckSql.AnyOf => $"A record needs at least one of {string.Join(", ", plan.Type.AnyOf)}.",
            "required" => $"A record cannot be without a {label}.",
            "not_found" => field == "id" ? "No record has this ID." : $"No record of this account has this {label}.",
            "too_long" => $"The record would have more than {TagSet.MaxTags} tags.",
            _ => code,
        });
    }

    // A record that failed in SQL is taken apart once more to show the cell.
    private string Cell(ReadOnlyMemory<byte> raw, int index)
    {
        var cells = format.SplitRecord(raw);
        return index < cells.Length ? RowEncoder.Shown(cells[index]) : "";
    }

    /// <summary>
    /// Rows whose other unique values belong to records with another match key hang on whether that record's own row
    /// comes before them. Where there are such, waves are made anew with the records as tokens; rows that would need
    /// too many are left to the next chunk.
    /// </summary>
    private async Task OrderByOwnersAsync(NpgsqlConnection connection, ImportChunk chunk, CancellationToken cancellationToken)
    {
        await using (var command = _statements.Command(connection, _matches.Owners(all: false)))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is null) return;
        }

        var waves = new Waves(plan.ValuesToGiveUp);
        await using (var command = _statements.Command(connection, _matches.Owners(all: true)))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            var perRow = chunk.Tokens.Count / chunk.Staged.Count;
            var tokens = new ulong[perRow + reader.FieldCount - 1];
            while (await reader.ReadAsync(cancellationToken))
            {
                var seq = reader.GetInt32(0);
                RowEncoder.TokensOf(chunk.Tokens, seq, perRow).CopyTo(tokens);
                for (var i = 1; i < reader.FieldCount; i++)
                {
                    tokens[perRow + i - 1] = reader.IsDBNull(i) ? 0 : KeyHash.Of(reader.GetGuid(i).ToByteArray(), RecordSeed);
                }

                var together = RowEncoder.TokensOf(chunk.CompanyTokens, seq, plan.MakesCompanies ? RowEncoder.CompanyTokensPerRow : 0);
                var wave = waves.Peek(tokens, together);
                if (wave >= RowEncoder.MaxWaves)
                {
                    chunk.CutBefore(seq);
                    break;
                }

                waves.Add(tokens, together, wave);
                RowEncoder.SetWave(chunk, seq, wave);
            }
        }

        chunk.Waves = waves.Count;
        await _statements.ExecuteAsync(connection, "delete from stage", cancellationToken);
        await CopyAsync(connection, chunk, cancellationToken);
    }

    public void Dispose() => _direct?.Dispose();
}
