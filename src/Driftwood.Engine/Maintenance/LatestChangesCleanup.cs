using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Maintenance;

/// <summary>
/// Takes records out of <c>latest_changes</c> that have been changed again, in bounded parts, each a statement and transaction of its
/// own. Safe on many nodes at once. A row is checked when it is an hour old, then whenever its age has doubled, so a record that is left
/// alone costs little, and one that is changed often leaves little behind.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="dialect">How statements are written for it. In a cluster each of them is for one account.</param>
public sealed class LatestChangesCleanup(NpgsqlDataSource database, SqlDialect dialect)
{
    /// <summary>Rows of a statement. Those of single records are many and small.</summary>
    private const int PartRows = 5_000;

    /// <summary>Records of a statement, of which each is looked up: some tenths of a second.</summary>
    private const int PartRecords = 100_000;

    /// <summary>Statements of one run, so that other maintenance gets its turn.</summary>
    private const int MaxParts = 50;

    private const string DueAccounts = "select account_id from latest_changes where check_at <= now() group by account_id limit 100";

    private const string SameRow = "l.account_id = n.account_id and l.record_type = n.record_type and l.updated_at = n.updated_at "
        + "and l.id = n.id and l.part = n.part";

    // Returns the number of rows that were checked. Each look-up is a subquery with a limit, which the planner cannot turn into a scan.
    private string Text => $"""
        with due as materialized (
            select d.*
            from (
                select n.*, sum(n.records) over (order by n.check_at, n.account_id, n.id, n.part) - n.records as earlier
                from (
                    select * from latest_changes n where check_at <= now(){OfAccount("n")}
                    order by check_at limit @rows for update skip locked) n) d
            where d.earlier < @records),
        latest as (
            select d.account_id, d.record_type, d.updated_at, d.id, d.part, array_agg(u.id order by u.place) as record_ids,
                   now() + (now() - d.updated_at) as check_at
            from due d
            cross join lateral unnest(d.record_ids) with ordinality as u (id, place)
            where case
                when d.type_id is not null then ({Unchanged("custom_records", "and r.type_id = d.type_id ")})
                {string.Join('\n', RecordTypes.BuiltIn.Select(type => $"when d.record_type = '{type.Key}' then ({Unchanged(type.Table)})"))}
                else true
            end
            group by d.account_id, d.record_type, d.updated_at, d.id, d.part),
        kept as (
            update latest_changes l
            set check_at = n.check_at,
                records = cardinality(n.record_ids),
                record_ids = case when l.records = cardinality(n.record_ids) then l.record_ids else n.record_ids end
            from latest n where {SameRow}{OfAccount("l")}),
        removed as (
            delete from latest_changes l using due n
            where {SameRow}{OfAccount("l")} and not exists (select from latest n where {SameRow}))
        select count(*) from due
        """;

    /// <summary>Checks a part of the rows that are due; the next run continues.</summary>
    /// <returns>The number of rows checked.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        if (!dialect.IsDistributed) return await RunAsync(account: null, cancellationToken);
        List<Guid> accounts = [];
        await using (var command = database.CreateCommand(DueAccounts))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken)) accounts.Add(row.GetGuid(0));
        }

        var total = 0L;
        foreach (var account in accounts) total += await RunAsync(account, cancellationToken);
        return total;
    }

    private async Task<long> RunAsync(Guid? account, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Text);
        if (account is { } one) command.Parameters.AddWithValue("account", one);
        command.Parameters.AddWithValue("rows", PartRows);
        command.Parameters.AddWithValue("records", PartRecords);
        var total = 0L;
        for (var part = 0; part < MaxParts; part++)
        {
            var rows = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            total += rows;
            if (rows == 0) break;
        }

        return total;
    }

    private string OfAccount(string row) => dialect.IsDistributed ? $" and {row}.account_id = @account" : "";

    private string Unchanged(string table, string ofType = "") =>
        $"select true from {table} r where r.account_id = d.account_id{OfAccount("r")} {ofType}"
        + "and r.id = u.id and r.updated_at = d.updated_at limit 1";
}
