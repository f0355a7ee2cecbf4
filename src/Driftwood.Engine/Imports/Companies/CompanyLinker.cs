using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>Links the contacts of a wave with companies, after the contacts are locked and their faults are known.</summary>
/// <param name="plan">The import.</param>
/// <param name="candidates">The statement that reads the <see cref="CompanyCandidate"/>s of a wave, in file order.</param>
/// <param name="lane">The lane that runs it.</param>
internal sealed class CompanyLinker(ImportPlan plan, string candidates, LaneRef lane)
{
    /// <summary>Values of <c>dry_run_keys.field</c> for the keys of companies. No field has such a key.</summary>
    public const string DryRunDomain = "company.domain", DryRunName = "company.name";

    private readonly MappedColumn[] _given = [.. plan.Company!.Given];
    private readonly CompanySql _sql = new(plan, [.. plan.Company!.Given]);

    // Places among the filled columns.
    private readonly int _name = plan.Company!.Filled.ToList().FindIndex(column => column == plan.Company!.Name);
    private readonly int[] _places = [.. plan.Company!.Given.Select(column => plan.Company!.Filled.ToList().IndexOf(column))];

    private readonly Field[] _required =
        [.. plan.Companies.Fields.Where(field => field is { Required: true, IsReadOnly: false, Key: not "name" })];

    /// <summary>
    /// Writes each row's company to the stage, creates missing companies, and gives companies the values of the rows. A dry run only stores
    /// the companies that it would have created.
    /// </summary>
    /// <param name="wave">The wave.</param>
    /// <param name="staged">Rows of the chunk.</param>
    /// <param name="valuesOf">The values that a row, given by its place, has for its company: one for each filled column.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>
    /// The unlinked rows; null when another writer has deleted a company meanwhile, so that the wave has to begin again. It also has to
    /// begin again when a company's domain is taken (23505).
    /// </returns>
    public async Task<IReadOnlyList<UnlinkedRow>?> LinkAsync(
        Wave wave, int staged, Func<int, IReadOnlyList<string?>> valuesOf, CancellationToken cancellationToken)
    {
        var rows = await ReadCandidatesAsync(wave, valuesOf, cancellationToken);
        if (rows.Count == 0) return [];
        var choice = new CompanyChoice(lane, plan.MakesCompanies, seq => MissingOf(valuesOf(seq)));
        var links = new Guid[staged];
        var outcomes = new string?[staged];
        Dictionary<Guid, CompanyValues> made = [];
        Dictionary<Guid, CompanyValues> changed = [];
        foreach (var row in rows)
        {
            if (choice.Choose(row) is not { } company) continue;
            links[row.Seq] = company.Id;
            outcomes[row.Seq] = LinkedCompany.WordOf(company.IsNew ? LinkOutcome.Created : LinkOutcome.Linked);
            if (_given.Length > 0) Take(row.Seq, company, valuesOf(row.Seq), made, changed);
        }

        if (!plan.IsDryRun && choice.Found.Count > 0 && !await LockAsync(wave, choice.Found, cancellationToken)) return null;
        if (choice.Made.Count > 0) await MakeAsync(wave, choice.Made, made, cancellationToken);
        if (choice.Unlinked.Count == rows.Count) return choice.Unlinked;
        await using var command = wave.Command(SqlText.Of("link-stage"));
        command.Parameters.AddWithValue("links", links);
        await command.ExecuteNonQueryAsync(cancellationToken);
        if (plan.IsDryRun) return choice.Unlinked;
        var updating = made.Values.SelectMany(values => values.LaterRows);
        if (changed.Count > 0) updating = updating.Concat(await ChangeAsync(wave, changed, cancellationToken));
        foreach (var seq in updating) outcomes[seq] = LinkedCompany.WordOf(LinkOutcome.Updated);
        await using var log = wave.Command(CompanySql.LogLinks);
        AddTexts(log, "outcomes", outcomes);
        await log.ExecuteNonQueryAsync(cancellationToken);
        return choice.Unlinked;
    }

    private Field? MissingOf(IReadOnlyList<string?> filled) => _required.FirstOrDefault(field =>
        !plan.Company!.Filled.Index().Any(each =>
            each.Item.Field.OfCompany == field && (filled[each.Index] is not null || each.Item.OnCreate is not null)));

    private void Take(
        int seq, ChosenCompany company, IReadOnlyList<string?> filled, Dictionary<Guid, CompanyValues> made,
        Dictionary<Guid, CompanyValues> changed)
    {
        string?[] row = [.. _places.Select(place => filled[place])];
        if (company.IsNew) (made[company.Id] = new CompanyValues(_given, plan.Clears)).Create(row);
        if (company.IsNew || !plan.ChangesCompanies) return;
        if (!made.TryGetValue(company.Id, out var values) && !changed.TryGetValue(company.Id, out values))
            changed[company.Id] = values = new CompanyValues(_given, plan.Clears);
        values.Change(seq, row);
    }

    private async Task<List<CompanyCandidate>> ReadCandidatesAsync(
        Wave wave, Func<int, IReadOnlyList<string?>> valuesOf, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(candidates);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<CompanyCandidate> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var seq = reader.GetInt32(0);
            var name = _name < 0 ? Text(reader, 3) : valuesOf(seq)[_name];
            rows.Add(new CompanyCandidate(
                seq, Text(reader, 1), Text(reader, 2), name, reader.IsDBNull(4) ? null : reader.GetGuid(4),
                reader.GetFieldValue<Guid[]>(5)));
        }

        return rows;
    }

    /// <summary>Returns true if all companies still exist. They then stay as they are until the transaction ends.</summary>
    private async Task<bool> LockAsync(Wave wave, HashSet<Guid> companies, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(_sql.Lock);
        command.Parameters.AddWithValue("ids", companies.ToArray());
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == companies.Count;
    }

    private async Task MakeAsync(
        Wave wave, List<NewCompany> companies, Dictionary<Guid, CompanyValues> made, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(plan.IsDryRun ? SqlText.Of("dry-run-companies") : _sql.Make);
        command.Parameters.AddWithValue("ids", companies.Select(company => company.Id).ToArray());
        if (plan.IsDryRun)
        {
            command.Parameters.AddWithValue("name_field", DryRunName);
            command.Parameters.AddWithValue("domain_field", DryRunDomain);
        }
        else
        {
            command.Parameters.AddWithValue("names", companies.Select(company => company.Name).ToArray());
            if (_given.Length > 0) AddValues(command, [.. companies.Select(company => made[company.Id])]);
            if (_sql.HasCustom) AddTexts(command, "custom", companies.Select(company => made[company.Id].CustomJson(policy: null)));
        }

        command.Parameters.AddWithValue("name_keys", companies.Select(company => company.NameKey).ToArray());
        command.Parameters.AddWithValue("domains", companies.Select(company => company.Domain).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Changes companies. Returns the places of the rows whose values changed one.</summary>
    private async Task<List<int>> ChangeAsync(Wave wave, Dictionary<Guid, CompanyValues> companies, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(_sql.Change);
        command.Parameters.AddWithValue("ids", companies.Keys.ToArray());
        AddValues(command, [.. companies.Values]);
        if (_sql.HasCustom)
        {
            AddTexts(command, "filled", companies.Values.Select(values => values.CustomJson(ColumnPolicy.FillBlank)));
            AddTexts(command, "replaced", companies.Values.Select(values => values.CustomJson(ColumnPolicy.Overwrite)));
        }

        List<int> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var changes = FieldChange.Read(plan.Companies, reader.GetString(1)).Select(change => change.Field).ToHashSet();
            rows.AddRange(companies[reader.GetGuid(0)].RowsOf(column => changes.Contains(column.Field.OfCompany!.Path)));
        }

        return rows;
    }

    private void AddValues(NpgsqlCommand command, IReadOnlyList<CompanyValues> companies)
    {
        foreach (var (place, _) in _sql.Own)
            AddTexts(command, FormattableString.Invariant($"v{place}"), companies.Select(values => values[place]));
    }

    private static void AddTexts(NpgsqlCommand command, string name, IEnumerable<string?> texts) =>
        command.Parameters.AddWithValue(name, NpgsqlDbType.Array | NpgsqlDbType.Text, texts.ToArray());

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
