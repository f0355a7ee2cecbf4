using Driftwood.Engine.Faults;
using Npgsql;

namespace Driftwood.Engine.Postgres;

/// <summary>What PostgreSQL's error codes mean for a chunk. Source: the PostgreSQL manual, appendix A.</summary>
internal static class PostgresFaults
{
    private const string IdleInTransactionSessionTimeout = "25P03";

    /// <summary>Data exceptions, constraint violations, and a row too large for its index or page: some row of the chunk is to blame.</summary>
    public static bool IsRefusedData(string sqlState) =>
        sqlState.StartsWith("22", StringComparison.Ordinal)
        || sqlState.StartsWith("23", StringComparison.Ordinal)
        || sqlState == PostgresErrorCodes.ProgramLimitExceeded;

    /// <summary>What the error of a refused row says.</summary>
    public static Fault Reason(PostgresException refused) => refused.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => new Fault("duplicate_value", "Another record already has one of these values, which must be unique."),
        PostgresErrorCodes.ForeignKeyViolation => new Fault("not_found", "A record that this one points to does not exist."),
        var state => new Fault("rejected_by_database", $"The database refuses this row's values (code {state})."),
    };

    /// <summary>What the error of a row says that was tried alone too often.</summary>
    public static Fault Poison { get; } = new("rejected_by_database", "Every worker that tried this row stopped.");

    /// <summary>What the error of a row says that took too long alone.</summary>
    public static Fault TooSlow { get; } = new("rejected_by_database", "The database took too long for this row.");

    /// <summary>A time-out, but not one of waiting for a lock: a smaller chunk may do.</summary>
    public static bool IsTooSlow(string sqlState) => sqlState is PostgresErrorCodes.QueryCanceled;

    /// <summary>Disk or memory: not the chunk's fault, and no use in hurrying.</summary>
    public static bool IsOutOfResources(Exception exception) => exception is PostgresException { SqlState: var state }
        && (state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal));

    /// <summary>The database, or the way to it: what is owed to it can be left to the lease.</summary>
    public static bool IsOfDatabase(Exception exception) => exception is NpgsqlException or TimeoutException || LostConnection.IsMeantBy(exception);

    /// <summary>Serialisation failures, deadlocks, broken connections, restarts, lacking resources, contention: another attempt may do.</summary>
    public static bool IsPassing(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.QueryCanceled or IdleInTransactionSessionTimeout
            || state.StartsWith("08", StringComparison.Ordinal)
            || state.StartsWith("57P", StringComparison.Ordinal)
            || IsOutOfResources(exception),
        NpgsqlException or ContentionException or TimeoutException or IOException => true,
        _ => LostConnection.IsMeantBy(exception),
    };

    /// <summary>What a caller is told when a lane gives up; never a statement or a value.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => $"The database did not accept the work (code {state}).",
        NpgsqlException => "The database could not be reached.",
        IOException => "The uploaded file could not be read.",
        ContentionException => "Other jobs kept changing the same records.",
        _ when LostConnection.IsMeantBy(exception) => "The database could not be reached.",
        _ => "An internal error stopped the job.",
    };
}
