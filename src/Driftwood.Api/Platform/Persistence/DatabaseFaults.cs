using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Api.Platform.Persistence;

/// <summary>Faults that a background service survives.</summary>
internal static class DatabaseFaults
{
    /// <summary>
    /// Whether the database, or the way to it, is at fault. EF wraps what it takes for passing in an InvalidOperationException.
    /// </summary>
    public static bool IsDatabaseFault(this Exception exception) =>
        exception is NpgsqlException or TimeoutException || LostConnection.IsMeantBy(exception)
        || exception is InvalidOperationException { InnerException: NpgsqlException or TimeoutException };
}
