namespace Driftwood.FaultTests.Campaign;

/// <summary>The settings with which the campaign confirms an import.</summary>
/// <param name="Strategy">skip, merge or overwrite.</param>
/// <param name="Mode">upsert, create_only or update_only.</param>
/// <param name="MatchOn">email or external_id.</param>
/// <param name="AddTags">The tags for every record that the import makes or changes.</param>
internal sealed record ImportTerms(string Strategy, string Mode, string MatchOn, string[] AddTags);

/// <summary>The outcome of a file's rows.</summary>
internal sealed class ImportOutcome
{
    public int Created { get; set; }

    public int Updated { get; set; }

    /// <summary>Rows whose contact has all their values already. They count as skipped.</summary>
    public int Unchanged { get; set; }

    public int Skipped { get; set; }

    /// <summary>One <c>row code field</c> for each failed row. Rows count from 1.</summary>
    public List<string> Errors { get; } = [];
}

/// <summary>
/// Applies an import of the campaign's files one row after the other. It knows only their five columns. The engine's own
/// property tests have an oracle for all columns, which looks at every record for every row.
/// </summary>
internal sealed class ImportOracle(ImportTerms terms, string[] columns, ContactBook book)
{
    private readonly bool _hasExternalIds = columns.Contains("external_id");

    public ImportOutcome Outcome { get; } = new();

    public void Apply(IReadOnlyList<string[]> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (FaultOf(rows[i]) is { } fault) Outcome.Errors.Add(FormattableString.Invariant($"{i + 1} {fault}"));
        }
    }

    /// <summary>Null for a row that did not fail.</summary>
    private string? FaultOf(string[] cells)
    {
        if (cells.Length != columns.Length) return "wrong_column_count -";
        if (Array.TrueForAll(cells, cell => cell.Length == 0))
        {
            Outcome.Skipped++;
            return null;
        }

        var row = Read(cells);
        if (row.Email?.Contains("@@", StringComparison.Ordinal) == true) return "invalid_email email";
        var match = terms.MatchOn == "email" ? book.ByEmail(row.Email) : book.ByExternalId(row.ExternalId);
        if (match is null ? terms.Mode == "update_only" : terms.Mode == "create_only" || terms.Strategy == "skip")
        {
            Outcome.Skipped++;
            return null;
        }

        return match is null ? Create(row) : Change(match, row);
    }

    private Contact Read(string[] cells)
    {
        var at = _hasExternalIds ? 1 : 0;
        return new Contact
        {
            Email = Value(cells[0]),
            ExternalId = _hasExternalIds ? Value(cells[1]) : null,
            FirstName = Value(cells[1 + at]),
            City = Value(cells[2 + at]),
            Tags = [.. cells[3 + at].Split(ImportRows.TagDelimiter, StringSplitOptions.RemoveEmptyEntries).Distinct()],
        };
    }

    private static string? Value(string cell) => cell.Length == 0 ? null : cell;

    private string? Create(Contact row)
    {
        row.AddTags(terms.AddTags);
        if (Clash(row, row, null) is { } fault) return fault;
        book.Add(row);
        Outcome.Created++;
        return null;
    }

    private string? Change(Contact match, Contact row)
    {
        var changed = match.Copy();
        var merges = terms.Strategy == "merge";
        changed.Email = row.Email ?? (merges ? match.Email : null);
        changed.ExternalId = row.ExternalId ?? (merges || !_hasExternalIds ? match.ExternalId : null);
        changed.FirstName = row.FirstName ?? (merges ? match.FirstName : null);
        changed.City = row.City ?? (merges ? match.City : null);
        if (!merges) changed.Tags = [];
        changed.AddTags(row.Tags);
        changed.AddTags(terms.AddTags);
        if (Clash(changed, row, match) is { } fault) return fault;
        book.Replace(match, changed);
        if (changed.HasValuesOf(match)) Outcome.Unchanged++;
        else Outcome.Updated++;
        return null;
    }

    /// <summary>The reason why a contact is not allowed: the record as a whole first, then the values that the row sets.</summary>
    private string? Clash(Contact contact, Contact row, Contact? before)
    {
        if (!contact.SaysWho) return "required -";
        if (book.ByEmail(row.Email) is { } owner && owner != before) return "duplicate_value email";
        return book.ByExternalId(row.ExternalId) is { } other && other != before ? "duplicate_value external_id" : null;
    }
}
