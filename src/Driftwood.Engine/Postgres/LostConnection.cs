using Npgsql;

namespace Driftwood.Engine.Postgres;

/// <summary>
/// Npgsql reports a lost session at its next use. If that happens while a reader is being disposed, the next call finds the
/// connection closed and its transaction gone: an exception that looks like misuse, although its cause is the lost session.
/// </summary>
public static class LostConnection
{
    /// <summary>Whether the exception has that cause.</summary>
    public static bool IsMeantBy(Exception exception) => exception is
        InvalidOperationException { Source: "Npgsql", Message: "Connection is not open" or "Transaction is already completed" }
        or ObjectDisposedException { Source: "Npgsql", InnerException: NpgsqlException };
}
