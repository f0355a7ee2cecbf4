using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;
using Npgsql;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>Links the contacts of a wave with companies, after the contacts are locked and their faults are known.</summary>
/// <param name="plan">The import.</param>
/// <param name="candidates">The statement that reads the <see cref="CompanyCandidate"/>s of a wave, in file order.</param>
/// <param name="lane">The lane that runs it.</param>
internal sealed class CompanyLinker(ImportPlan plan, string candidates, LaneRef lane)
{
    /// <summary>Values of <c>dry_run_keys.field</c> for the keys of companies. No field has such a key.</summary>
    public const string DryRunDomain = "company.domain", DryRunName = "company.name";

    private static readonly string Make =
        new ChangeLog(RecordTypes.Companies, LogEffect.Created).WriteAndCount(
            Wave.MakesCompanies, SqlText.Of("make-companies"), isInIdOrder: false);

    private readonly Field? _missing =
        plan.Companies.Fields.FirstOrDefault(field => field is { Required: true, IsReadOnly: false, Key: not "name" });

    /// <summary>
    /// Writes each row's company to the stage, and creates missing companies. A dry run only stores the companies that it would have
    /// created.
    /// </summary>
    /// <param name="wave">The wave.</param>
    /// <param name="staged">Rows of the chunk.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>
    /// The unlinked rows; null when another writer has deleted a company meanwhile, so that the wave has to begin again. It also has to
    /// begin again when a company's domain is taken (23505).
    /// </returns>
    public async Task<IReadOnlyList<UnlinkedRow>?> LinkAsync(Wave wave, int staged, CancellationToken cancellationToken)
    {
        var rows = await ReadCandidatesAsync(wave, cancellationToken);
        if (rows.Count == 0) return [];
        var choice = new CompanyChoice(lane, plan.MakesCompanies, _missing);
        var links = new Guid[staged];
        foreach (var row in rows) links[row.Seq] = choice.Choose(row) ?? Guid.Empty;
        if (!plan.IsDryRun && choice.Found.Count > 0 && !await LockAsync(wave, choice.Found, cancellationToken)) return null;
        if (choice.Made.Count > 0) await MakeAsync(wave, choice.Made, cancellationToken);
        if (plan.IsDryRun) return choice.Unlinked;
        await using var command = wave.Command(SqlText.Of("link-stage"));
        command.Parameters.AddWithValue("links", links);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return choice.Unlinked;
    }

    private async Task<List<CompanyCandidate>> ReadCandidatesAsync(Wave wave, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(candidates);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<CompanyCandidate> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new CompanyCandidate(
                reader.GetInt32(0), Text(reader, 1), Text(reader, 2), Text(reader, 3), reader.GetBoolean(4),
                reader.IsDBNull(5) ? null : reader.GetGuid(5), reader.GetFieldValue<Guid[]>(6)));
        }

        return rows;
    }

    /// <summary>Returns true if all companies still exist. They then exist until the transaction ends.</summary>
    private static async Task<bool> LockAsync(Wave wave, HashSet<Guid> companies, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(SqlText.Of("lock-companies"));
        command.Parameters.AddWithValue("ids", companies.ToArray());
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == companies.Count;
    }

    private async Task MakeAsync(Wave wave, List<NewCompany> companies, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(plan.IsDryRun ? SqlText.Of("dry-run-companies") : Make);
        command.Parameters.AddWithValue("ids", companies.Select(company => company.Id).ToArray());
        if (plan.IsDryRun)
        {
            command.Parameters.AddWithValue("name_field", DryRunName);
            command.Parameters.AddWithValue("domain_field", DryRunDomain);
        }
        else
        {
            command.Parameters.AddWithValue("names", companies.Select(company => company.Name).ToArray());
        }

        command.Parameters.AddWithValue("name_keys", companies.Select(company => company.NameKey).ToArray());
        command.Parameters.AddWithValue("domains", companies.Select(company => company.Domain).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
