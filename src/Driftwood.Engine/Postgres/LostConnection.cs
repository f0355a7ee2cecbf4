using Npgsql;

namespace Driftwood.Engine.Postgres;

/// <summary>
/// Npgsql tells of a session that has ended where it is used next. Where that is told in an unlucky moment, such as while a
/// reader is disposed of, whoever goes on finds the connection closed and its transaction gone: a misuse by its type, and
/// yet no other fault than the loss itself.
/// </summary>
public static class LostConnection
{
    /// <summary>Whether that is what the exception says.</summary>
    public static bool IsMeantBy(Exception exception) => exception is
        InvalidOperationException { Source: "Npgsql", Message: "Connection is not open" or "Transaction is already completed" }
        or ObjectDisposedException { Source: "Npgsql", InnerException: NpgsqlException };
}
