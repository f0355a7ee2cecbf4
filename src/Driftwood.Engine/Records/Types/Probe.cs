using Driftwood.Engine.Postgres;
using static System.FormattableString;

namespace Driftwood.Engine.Records.Types;

/// <summary>
/// A look-up of the rows that have a value in a column, written so that only one index can serve it, whatever the planner knows of the
/// tables.
/// </summary>
/// <remarks>
/// All indexes of the records begin with the account. To a planner without statistics, or with those of a table that was empty, each of
/// them looks as good as the right one, and the primary key wins a tie: then a chunk reads all records of the account for each row. A
/// range whose both ends are the value, read in the order of the column, can be read only from an index in that order as long as sorts
/// are priced out (<see cref="PlannerSettings"/>). A subquery with an order is also planned on its own: it becomes no join. Inside
/// EXISTS the order would be dropped, so a look-up that finds nothing is compared with null. A statement that writes fetches the records
/// by the places that look-ups have found, the one way to a record that is not priced out.
/// </remarks>
/// <param name="Table">The table with its alias.</param>
/// <param name="Owner">The condition on the columns of the index before <paramref name="Column"/>: <c>@account</c>, and constants.</param>
/// <param name="Column">The column, with its alias.</param>
/// <param name="Value">The SQL of the value.</param>
internal sealed record Probe(string Table, string Owner, string Column, string Value)
{
    // The settings in a transaction whose statements look rows up.
    private static readonly (string Name, string Value)[] Planner =
    [
        ("enable_nestloop", "off"), ("enable_hashjoin", "on"), ("hash_mem_multiplier", "1000"), ("enable_mergejoin", "off"),
        ("enable_sort", "off"), ("enable_incremental_sort", "off"), ("enable_memoize", "off"), ("enable_seqscan", "off"),
        ("enable_indexscan", "off"), ("enable_indexonlyscan", "off"), ("enable_bitmapscan", "off"), ("jit", "off"),
    ];

    // A node finds a record by its id, in a nested loop. So three settings differ there.
    private static readonly string[] PlannerOfNodes = ["enable_nestloop = on", "enable_hashjoin = off", "enable_indexscan = on"];

    // The coordinator joins temporary tables, which have no indexes. So it may hash, sort and scan them.
    private static readonly string[] PlannerOfCoordinator = ["enable_hashjoin = on", "enable_sort = on", "enable_seqscan = on"];

    /// <summary>
    /// One statement that makes the planner look rows up by index until the transaction ends. PostgreSQL's own settings come back then.
    /// </summary>
    /// <remarks>
    /// A way of access that is off is only priced out: a plan still uses it where there is no other. With scans left on, a planner that
    /// expects one record reads the whole table once rather than to fetch ten records by their places. With nested loops left on, it
    /// compares each record with each look-up. A hash join that runs out of memory would return its rows in another order.
    /// </remarks>
    public static string PlannerSettings { get; } =
        $"select {string.Join(", ", Planner.Select(setting => $"set_config('{setting.Name}', '{setting.Value}', true)"))}";

    private static readonly string[] PlainSettings = [PlannerSettings];

    // A node is asked once for each setting that it is sent. So each is sent once.
    private static readonly string[] CitusSettings =
    [
        SqlDialect.PropagateStatement,
        .. Planner.Where(setting => !PlannerOfNodes.Any(other => other.StartsWith($"{setting.Name} ", StringComparison.Ordinal)))
            .Select(setting => $"{setting.Name} = {setting.Value}").Concat(PlannerOfNodes).Select(setting => $"set local {setting}"),
        "set local citus.propagate_set_commands = 'none'",
        .. PlannerOfCoordinator.Select(setting => $"set local {setting}"),
    ];

    /// <summary>The statements that make the planner of a database look rows up by index until the transaction ends.</summary>
    public static IReadOnlyList<string> SettingsFor(SqlDialect dialect) => dialect.IsDistributed ? CitusSettings : PlainSettings;

    /// <summary>The column of the id that <see cref="First"/> finds.</summary>
    public string Id { get; init; } = "r.id";

    /// <summary>A further condition.</summary>
    public string Condition { get; private init; } = "";

    /// <summary>Records <c>r</c> of a type by a column.</summary>
    public static Probe Of(RecordType type, string column, string value) =>
        new($"{type.Table} r", type.Owned("r", "@account"), $"r.{column}", value);

    /// <summary>Records <c>r</c> of a type by their id.</summary>
    public static Probe OfId(RecordType type, string value) => Of(type, "id", value);

    /// <summary>The record of the account that a reference points to.</summary>
    /// <param name="field">A reference. Its target is the key of a built-in type, which is also the name of its table.</param>
    /// <param name="value">The SQL of the id.</param>
    public static Probe OfTarget(Field field, string value) =>
        new($"{field.Target} t", "t.account_id = @account", "t.id", $"{value}::uuid") { Id = "t.id" };

    /// <summary>
    /// The rows whose records are looked up for <see cref="IsAtPlace"/>, and as many more as the planner expects of a function: a
    /// thousand, though there are none. The planner then hashes the records, of which it expects ten, and not the rows. So the records
    /// are written in the order of the rows. A condition on them afterwards would lower what the planner expects.
    /// </summary>
    /// <param name="rows">A table or subquery in the wanted order, with its alias.</param>
    /// <param name="columns">The columns to read.</param>
    /// <param name="blanks">A null for each column.</param>
    /// <param name="dialect">The database. A cluster joins records by their ids, for which it needs no more rows.</param>
    public static string Many(string rows, string columns, string blanks, SqlDialect dialect) => dialect.IsDistributed
        ? $"(select {columns} from {rows})"
        : $"(select {columns} from {rows} union all select {blanks} from generate_series(1, (select 0)))";

    /// <summary>
    /// A materialized part of a statement as one reads it for <see cref="IsAtPlace"/>. Citus sends a node the rows of such a part, with
    /// their number, which no condition lowers. A condition on a subquery lowers what the planner expects of it (<see cref="IsOne"/>).
    /// </summary>
    public static string Found(string part, SqlDialect dialect) => dialect.IsDistributed ? $"(select * from {part} offset 0)" : part;

    /// <summary>
    /// The condition that <c>r</c> is the record whose <c>place</c> a look-up has found. The account is compared too: in a table of several
    /// parts another account's record may have the same place. Another writer's change moves a record, so <c>r</c> is still the version
    /// that was found.
    /// </summary>
    /// <remarks>
    /// All places are fetched by one scan. If each were fetched by a scan of its own, PostgreSQL would begin each anew and ask the
    /// operating system for the size of the table. That takes longer than to delete the record.
    /// </remarks>
    /// <param name="type">The type of the record.</param>
    /// <param name="found">The row with the account, the place, and the record's id.</param>
    /// <param name="id">The name of the id in that row.</param>
    /// <param name="places">The materialized part of the statement that has these rows, or a condition on it after its name.</param>
    /// <param name="dialect">
    /// The database. A cluster refuses places in a statement that also reads rows from the coordinator. There the record must be locked
    /// before the statement, and is the one with the id.
    /// </param>
    public static string IsAtPlace(RecordType type, string found, string id, string places, SqlDialect dialect) => dialect.IsDistributed
        ? $"r.account_id = @account and r.id = {found}.{id}{type.OwnType("r")}{IsOne($"{found}.{id}")}"
        : $"{IsAnyPlace(places)} and r.ctid = {found}.place and r.account_id = {found}.account_id and r.id = {found}.{id}"
            + type.OwnType("r");

    /// <summary>The id of the first row found, as a scalar; null when there is none.</summary>
    public string First => $"({Select(Id, 1)})";

    public Probe And(string condition) => condition == "true" ? this : this with { Condition = $"{Condition} and {condition}" };

    /// <summary>The rows found.</summary>
    /// <param name="columns">The columns to read.</param>
    /// <param name="limit">The most rows; null: all.</param>
    public string Select(string columns, int? limit = null)
    {
        var most = limit is { } rows ? Invariant($" limit {rows}") : "";
        var where = $"{Owner} and {Column} >= {Value} and {Column} <= {Value}{Condition}";
        return $"select {columns} from {Table} where {where} order by {Column}{most}";
    }

    /// <summary>
    /// A statement that deletes what is found for some rows, all by one scan. A further condition on the deleted row <c>r</c> may follow.
    /// </summary>
    /// <param name="rows">The rows: a table with its alias.</param>
    /// <param name="where">The condition on them, with its WHERE.</param>
    /// <param name="key">The columns that with the account tell apart what is found. A cluster finds it by them.</param>
    /// <param name="dialect">The database.</param>
    public string Delete(string rows, string where, string[] key, SqlDialect dialect)
    {
        var (table, found) = (Table.Split(' ')[0], Table.Split(' ')[1]);
        string Read(string columns) => $"{rows} cross join lateral ({Select(columns)}) m{where}";
        if (!dialect.IsDistributed)
        {
            return $"""
                delete from {table} r
                where {IsAnyPlace(Read($"{found}.ctid as place"))} and r.account_id = @account
                """;
        }

        var isFound = string.Concat(key.Select(column => $" and r.{column} = m.{column}")) + IsOne($"m.{key[0]}");
        return $"""
            delete from {table} r using (select m.* from {Read(string.Join(", ", key.Select(column => $"{found}.{column}")))} offset 0) m
            where r.account_id = @account{isFound}
            """;
    }

    /// <summary>
    /// A condition that always holds, though the planner thinks that one row in eight million meets it. So a node of a cluster expects
    /// one row of a look-up, and begins a nested loop with it. Else it may begin with all records of the account, and compare each with
    /// each row of the look-up.
    /// </summary>
    private static string IsOne(string value) => string.Concat(
        Enumerable.Range(1, 3).Select(n => Invariant($" and cardinality(array[{string.Join(", ", Enumerable.Repeat(value, n))}]) = {n}")));

    // The condition that r is at one of the places that look-ups have found: rows with "place", as they follow FROM.
    private static string IsAnyPlace(string places) => $"r.ctid = any (array(select place from {places}))";
}
