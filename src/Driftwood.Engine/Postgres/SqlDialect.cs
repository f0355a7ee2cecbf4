using System.Text.RegularExpressions;

namespace Driftwood.Engine.Postgres;

/// <summary>
/// How the statements of jobs are written: for plain PostgreSQL, or for a database whose accounts are spread over the nodes of a Citus
/// cluster. A node chooses it at its start. Plain PostgreSQL gets the fastest form, also where Citus refuses that.
/// </summary>
/// <remarks>
/// Citus may run each part of a statement as a command of its own, which sees other commits than the part before. So a statement for a
/// cluster writes only records that a statement before it has locked.
/// </remarks>
public sealed partial class SqlDialect
{
    private SqlDialect(bool isDistributed) => IsDistributed = isDistributed;

    /// <summary>For one server.</summary>
    public static SqlDialect Plain { get; } = new(isDistributed: false);

    /// <summary>For a coordinator of Citus. Temporary tables are on the coordinator, and an account's rows are on a worker.</summary>
    public static SqlDialect Citus { get; } = new(isDistributed: true);

    /// <summary>The tables that are no temporary ones are spread over several nodes.</summary>
    public bool IsDistributed { get; }

    /// <summary>
    /// The coordinator sends the settings of a transaction to the nodes if the transaction begins with this text. A node needs
    /// <c>lock_timeout</c>, for example, because its sessions wait for the locks.
    /// </summary>
    internal string Propagate => IsDistributed ? $"{PropagateStatement}; " : "";

    internal const string PropagateStatement = "set local citus.propagate_set_commands = 'local'";

    /// <summary>
    /// A statement that reads a temporary table as <c>s</c>. A cluster joins it with other tables only where a subquery reads it, which is
    /// then sent to the node of the account.
    /// </summary>
    /// <param name="text">The statement.</param>
    internal string Adapt(string text) => IsDistributed
        ? TemporaryTable().Replace(text, "$1 (select t.* from $2 t where t.account_id = @account offset 0) s")
        : text;

    /// <summary>
    /// The assignments of an UPDATE from a look-up, each followed by a comma. Citus takes only values that do not depend on the settings of
    /// a session, and a date made of a text does. So in a cluster the look-up makes the values.
    /// </summary>
    /// <param name="sets">The columns with the SQL of their new values.</param>
    /// <param name="found">The name of the look-up.</param>
    internal string Assign(IEnumerable<(string Column, string Value)> sets, string found) =>
        string.Concat(sets.Select(set => $"{set.Column} = {(IsMade(set.Value) ? $"{found}.new_{set.Column}" : set.Value)}, "));

    /// <summary>What a look-up must read for <see cref="Assign"/>: columns, each after a comma.</summary>
    internal string Made(IEnumerable<(string Column, string Value)> sets) =>
        string.Concat(sets.Where(set => IsMade(set.Value)).Select(set => $", {set.Value} as new_{set.Column}"));

    // A null without a type becomes a text where a subquery reads it.
    private bool IsMade(string value) => IsDistributed && value != "null";

    /// <summary>
    /// The end of an INSERT of read rows that a row of another writer may refuse. A cluster copies such rows to their node unless the
    /// statement returns some. The error of a copy has no code there, and the driver then gives up the connection.
    /// </summary>
    internal string Refusable => IsDistributed ? " returning 1" : "";

    /// <summary>
    /// A statement that marks rows <c>s</c> of a temporary table with what it reads in other tables. A cluster refuses to change a
    /// temporary table from others, so what is read there is a table of its own first.
    /// </summary>
    /// <param name="table">The temporary table.</param>
    /// <param name="key">Its column that tells rows apart.</param>
    /// <param name="where">The condition on the rows.</param>
    /// <param name="sets">The columns with the SQL of their new values.</param>
    internal string Mark(string table, string key, string where, params IReadOnlyList<(string Column, string Value)> sets)
    {
        if (!IsDistributed) return $"update {table} s set {Assigned(set => set.Value)} where {where}";
        return $"""
            with marks as materialized (
                select s.{key} as marked{string.Concat(sets.Select(set => $", {set.Value} as new_{set.Column}"))} from {table} s
                where {where})
            update {table} s set {Assigned(set => $"m.new_{set.Column}")} from marks m where s.{key} = m.marked
            """;

        string Assigned(Func<(string Column, string Value), string> value) =>
            string.Join(", ", sets.Select(set => $"{set.Column} = {value(set)}"));
    }

    /// <summary>The same where one subquery has all values.</summary>
    /// <param name="table">The temporary table.</param>
    /// <param name="key">Its column that tells rows apart.</param>
    /// <param name="where">The condition on the rows.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="values">Reads a row with the value of each column, or none.</param>
    internal string Mark(string table, string key, string where, IReadOnlyList<string> columns, string values) => !IsDistributed
        ? $"update {table} s set ({string.Join(", ", columns)}) = ({values}) where {where}"
        : $"""
            with marks as materialized (
                select s.{key} as marked, v.* from {table} s
                left join lateral ({values}) v ({string.Join(", ", columns.Select(column => $"new_{column}"))}) on true
                where {where})
            update {table} s set {string.Join(", ", columns.Select(column => $"{column} = m.new_{column}"))}
            from marks m where s.{key} = m.marked
            """;

    [GeneratedRegex(@"\b(from|join) (stage|undoing|claims) s\b")]
    private static partial Regex TemporaryTable();
}
