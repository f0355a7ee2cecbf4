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
/// EXISTS the order would be dropped, so a look-up that finds nothing is compared with null. A statement that writes fetches the record
/// by the place that a look-up has found, the one way to a record that is not priced out.
/// </remarks>
/// <param name="Table">The table with its alias.</param>
/// <param name="Owner">The condition on the columns of the index before <paramref name="Column"/>: <c>@account</c>, and constants.</param>
/// <param name="Column">The column, with its alias.</param>
/// <param name="Value">The SQL of the value.</param>
internal sealed record Probe(string Table, string Owner, string Column, string Value)
{
    /// <summary>For a transaction whose statements look rows up. PostgreSQL's own settings come back at its end.</summary>
    /// <remarks>
    /// A way of access that is off is only priced out: a plan still uses it where there is no other. With scans left on, a planner that
    /// expects one record reads the whole table once rather than to fetch ten records by their places.
    /// </remarks>
    public const string PlannerSettings =
        "set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_sort = off; "
        + "set local enable_incremental_sort = off; set local enable_memoize = off; set local enable_seqscan = off; "
        + "set local enable_indexscan = off; set local enable_indexonlyscan = off; set local enable_bitmapscan = off; set local jit = off";

    // The coordinator sends settings to the nodes of the records, which write records by their ids in place of places. Then it takes back
    // those that would hinder itself: what it joins is temporary.
    private const string CitusSettings =
        $"set local citus.propagate_set_commands = 'local'; {PlannerSettings}; set local enable_indexscan = on; "
        + "set local citus.propagate_set_commands = 'none'; "
        + "set local enable_hashjoin = on; set local enable_sort = on; set local enable_seqscan = on";

    /// <summary>The <see cref="PlannerSettings"/> for a database.</summary>
    public static string SettingsFor(SqlDialect dialect) => dialect.IsDistributed ? CitusSettings : PlannerSettings;

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
    /// The condition that <c>r</c> is the record whose <c>place</c> a look-up has found. The account is compared too: in a table of several
    /// parts another account's record may have the same place. Another writer's change moves a record, so <c>r</c> is still the version
    /// that was found.
    /// </summary>
    /// <param name="type">The type of the record.</param>
    /// <param name="found">The row with the account, the place, and the record's id.</param>
    /// <param name="id">The name of the id in that row.</param>
    /// <param name="dialect">
    /// The database. Citus takes no place. There the record must be locked before it is looked up, and is the one with the id.
    /// </param>
    public static string IsAtPlace(RecordType type, string found, string id, SqlDialect dialect) => dialect.IsDistributed
        ? $"r.account_id = @account and r.id = {found}.{id}{type.OwnType("r")}"
        : $"r.ctid = {found}.place and r.account_id = {found}.account_id and r.id = {found}.{id}{type.OwnType("r")}";

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
}
