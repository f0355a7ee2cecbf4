using System.Data;
using System.Text.Json.Serialization;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>What became of a row.</summary>
public enum ImportOutcome
{
    /// <summary>It created a record.</summary>
    Created,

    /// <summary>It changed the record that it matches.</summary>
    Updated,

    /// <summary>The record that it matches has its values already, so nothing was written. It counts as skipped.</summary>
    Unchanged,

    /// <summary>It is not applied: the strategy or the mode skips it, or its mapped cells are blank.</summary>
    Skipped,

    /// <summary>It was not applied.</summary>
    Failed,
}

/// <summary>The outcome of one row.</summary>
/// <param name="RowNumber">The number among the data records, from 1.</param>
/// <param name="Outcome">What became of the row.</param>
/// <param name="RecordId">The record that it created, changed or matched.</param>
/// <param name="Changed">The fields that it changed in a record; null for other outcomes, and where the import keeps no changes.</param>
/// <param name="Company">The company that the record is linked with by the row; null if by none.</param>
/// <param name="Code">The reason why it failed, as a stable word.</param>
/// <param name="Message">The reason in words for people.</param>
public sealed record ImportResult(
    long RowNumber, ImportOutcome Outcome, Guid? RecordId, IReadOnlyList<string>? Changed, LinkedCompany? Company, string? Code,
    string? Message)
{
    /// <summary>The changed fields with their values, where these were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldChange>? Values { get; init; }
}

/// <summary>Reads what became of the rows of imports, from the change log and the row errors.</summary>
public sealed class ImportResults(NpgsqlDataSource database)
{
    /// <summary>Maximum rows that one statement examines, and that a page does.</summary>
    private const int MaxAtOnce = 10_000, MaxRows = 50_000;

    /// <summary>
    /// At most <paramref name="limit"/> results after a row. A page before the last one may have fewer, or none, if they are far apart.
    /// </summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="account">The account of the import.</param>
    /// <param name="job">The import.</param>
    /// <param name="outcome">Only the rows with this outcome; null for all.</param>
    /// <param name="withValues">Whether the results have the values of the changed fields.</param>
    /// <param name="after">The number of a row, or 0.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public async Task<ResultPage<ImportResult>> ReadAsync(
        RecordType type, Guid account, Guid job, ImportOutcome? outcome, bool withValues, long after, int limit,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var numbers = await RowNumbers.OfAsync(connection, account, job, cancellationToken);
        List<ImportResult> results = [];
        for (var examined = 0; examined < MaxRows;)
        {
            var next = await numbers.AfterAsync(connection, after, outcome is null ? limit + 1 : MaxAtOnce, cancellationToken);
            if (next.Length == 0) return new ResultPage<ImportResult>(results, null);
            await using var command = new NpgsqlCommand(SqlText.Of("import-results"), connection);
            command.Parameters.AddWithValue("account", account);
            command.Parameters.AddWithValue("job", job);
            command.Parameters.AddWithValue("numbers", next);
            command.Parameters.AddWithValue("after", after);
            command.Parameters.AddWithValue("to", next[^1]);
            command.Parameters.AddWithValue("outcome", outcome?.ToString().ToLowerInvariant() ?? "");
            command.Parameters.AddWithValue("limit", limit + 1 - results.Count);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                if (results.Count == limit) return new ResultPage<ImportResult>(results, results[^1].RowNumber);
                results.Add(Read(type, row, withValues));
            }

            after = next[^1];
            examined += next.Length;
        }

        var isMore = (await numbers.AfterAsync(connection, after, 1, cancellationToken)).Length > 0;
        return new ResultPage<ImportResult>(results, isMore ? after : null);
    }

    private static ImportResult Read(RecordType type, NpgsqlDataReader row, bool withValues)
    {
        var outcome = Enum.Parse<ImportOutcome>(row.GetString("outcome"), ignoreCase: true);
        var changes = row.IsDBNull("detail") ? null : FieldChange.Read(type, row.GetString("detail"));
        return new ImportResult(
            row.GetInt64("row_number"),
            outcome,
            row.IsDBNull("record_id") ? null : row.GetGuid("record_id"),
            changes?.Select(change => change.Field).ToList(),
            row.IsDBNull("company_id")
                ? null
                : new LinkedCompany(row.GetGuid("company_id"), LinkedCompany.ReadOutcome(row.GetString("company_outcome"))),
            row.IsDBNull("code") ? null : row.GetString("code"),
            row.IsDBNull("message") ? null : row.GetString("message"))
        {
            Values = withValues ? changes : null,
        };
    }
}
