using System.Text.RegularExpressions;
using Npgsql;

namespace Driftwood.Engine.Postgres;

/// <summary>
/// Names of violated constraints. A node of a Citus cluster adds the number of a shard to the name, and the coordinator passes on only
/// the message, which quotes the name last.
/// </summary>
public static partial class ConstraintNames
{
    /// <summary>The name that the schema gives to the constraint, or null where the refusal names none.</summary>
    public static string? Of(PostgresException refusal) => Of(refusal.ConstraintName, refusal.MessageText);

    /// <summary>Whether the database refuses something because of the constraint.</summary>
    public static bool IsOf(Exception? exception, string constraint) =>
        exception is PostgresException refusal && Of(refusal) == constraint;

    internal static string? Of(string? constraint, string message)
    {
        var name = constraint ?? (Quoted().Matches(message) is { Count: > 0 } quoted ? quoted[^1].Groups[1].Value : null);
        return name is null ? null : Shard().Replace(name, "");
    }

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("_[0-9]{6,}$")]
    private static partial Regex Shard();
}
