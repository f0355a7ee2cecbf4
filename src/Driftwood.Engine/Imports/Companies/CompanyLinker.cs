using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>Links the contacts of a wave with companies, once the wave's contacts are locked and its faults are known.</summary>
/// <param name="plan">The import.</param>
/// <param name="candidates">The statement that reads the <see cref="CompanyCandidate"/>s of a wave, in file order.</param>
/// <param name="lane">The lane that runs it.</param>
/// <param name="userId">The user in whose name companies are made.</param>
internal sealed class CompanyLinker(ImportPlan plan, string candidates, LaneRef lane, Guid userId)
{
    /// <summary>Values of <c>dry_run_keys.field</c> for the keys that companies are found by. No field can have such a key.</summary>
    public const string DryRunDomain = "company.domain", DryRunName = "company.name";

    private readonly Field? _missing = plan.Companies.Fields.FirstOrDefault(field => field is { Required: true, IsReadOnly: false, Key: not "name" });

    /// <summary>
    /// Writes each row's company to the stage, and makes those that are missing, unless it is a dry run, which only remembers
    /// those it would have made; the answer is the rows that stay without.
    /// Null when another writer has deleted a company meanwhile: the wave has to begin again, as it has where the company's
    /// domain was taken (23505).
    /// </summary>
    /// <param name="connection">In the chunk's transaction.</param>
    /// <param name="wave">The wave.</param>
    /// <param name="staged">Rows of the chunk.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public async Task<IReadOnlyList<UnlinkedRow>?> LinkAsync(NpgsqlConnection connection, int wave, int staged, CancellationToken cancellationToken)
    {
        var rows = await CandidatesAsync(connection, wave, cancellationToken);
        if (rows.Count == 0) return [];
        var choice = new CompanyChoice(lane, plan.MakesCompanies, _missing);
        var links = new Guid[staged];
        foreach (var row in rows) links[row.Seq] = choice.Choose(row) ?? Guid.Empty;
        if (!plan.IsDryRun && choice.Found.Count > 0 && !await LockAsync(connection, choice.Found, cancellationToken)) return null;
        if (choice.Made.Count > 0) await MakeAsync(connection, choice.Made, cancellationToken);
        if (plan.IsDryRun) return choice.Unlinked;
        await using var command = Command(connection, "link-stage");
        command.Parameters.AddWithValue("wave", wave);
        command.Parameters.AddWithValue("links", links);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return choice.Unlinked;
    }

    private async Task<List<CompanyCandidate>> CandidatesAsync(NpgsqlConnection connection, int wave, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(candidates, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("wave", wave);
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

    /// <summary>True when all of them are still there; they stay so until the transaction ends.</summary>
    private async Task<bool> LockAsync(NpgsqlConnection connection, HashSet<Guid> companies, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "lock-companies");
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("ids", companies.ToArray());
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == companies.Count;
    }

    private async Task MakeAsync(NpgsqlConnection connection, List<NewCompany> companies, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, plan.IsDryRun ? "dry-run-companies" : "make-companies");
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("ids", companies.Select(company => company.Id).ToArray());
        if (plan.IsDryRun)
        {
            command.Parameters.AddWithValue("job", lane.JobId);
            command.Parameters.AddWithValue("name_field", DryRunName);
            command.Parameters.AddWithValue("domain_field", DryRunDomain);
        }
        else
        {
            command.Parameters.AddWithValue("user", userId);
            command.Parameters.AddWithValue("names", companies.Select(company => company.Name).ToArray());
        }

        command.Parameters.AddWithValue("name_keys", companies.Select(company => company.NameKey).ToArray());
        command.Parameters.AddWithValue("domains", companies.Select(company => company.Domain).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string name) => new(SqlText.Of(name), connection) { CommandTimeout = 0 };

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
