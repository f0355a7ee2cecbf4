using Driftwood.Engine.Faults;
using Npgsql;

namespace Driftwood.Engine.Postgres;

/// <summary>The meaning of PostgreSQL's error codes for a chunk. Source: the PostgreSQL manual, appendix A.</summary>
public static class PostgresFaults
{
    private const string IdleInTransactionSessionTimeout = "25P03";

    // The coordinator of a Citus cluster passes on what a node says of a COPY, but not its code. It also sends the rows of an INSERT of a
    // query by COPY, unless the statement returns some.
    private static readonly (string Said, string Code)[] Uncoded =
    [
        ("violates unique constraint", PostgresErrorCodes.UniqueViolation),
        ("violates foreign key constraint", PostgresErrorCodes.ForeignKeyViolation),
        ("violates not-null constraint", PostgresErrorCodes.NotNullViolation),
        ("violates check constraint", PostgresErrorCodes.CheckViolation),
        ("index row ", PostgresErrorCodes.ProgramLimitExceeded),
        ("deadlock detected", PostgresErrorCodes.DeadlockDetected),
        ("due to statement timeout", PostgresErrorCodes.QueryCanceled),
        ("due to lock timeout", PostgresErrorCodes.LockNotAvailable),
        ("No space left on device", PostgresErrorCodes.DiskFull),
        ("out of memory", PostgresErrorCodes.OutOfMemory),
        // The coordinator's own end, while a session waits for a node.
        ("postmaster was shut down", PostgresErrorCodes.AdminShutdown),
    ];

    /// <summary>The code of an error. A cluster may leave it out, and then it is read from the message.</summary>
    public static string CodeOf(PostgresException error) => CodeOf(error.SqlState, error.MessageText);

    internal static string CodeOf(string state, string message) => state != PostgresErrorCodes.InternalError
        ? state
        : Uncoded.Where(each => message.Contains(each.Said, StringComparison.Ordinal)).Select(each => each.Code).FirstOrDefault(state);

    /// <summary>A row of the chunk is to blame: a data exception, a violated constraint, or a row too large for an index or page.</summary>
    public static bool IsRefusedData(PostgresException error) => CodeOf(error) is var code
        && (code.StartsWith("22", StringComparison.Ordinal)
            || code.StartsWith("23", StringComparison.Ordinal)
            || code == PostgresErrorCodes.ProgramLimitExceeded);

    /// <summary>The error of a row that the database refuses.</summary>
    public static Fault Reason(PostgresException refused) => CodeOf(refused) switch
    {
        PostgresErrorCodes.UniqueViolation =>
            new Fault("duplicate_value", "Another record already has one of these values, which must be unique."),
        PostgresErrorCodes.ForeignKeyViolation => new Fault("not_found", "A record that this one points to does not exist."),
        var state => new Fault("rejected_by_database", $"The database refuses this row's values (code {state})."),
    };

    /// <summary>The error of a row that was tried alone too often.</summary>
    public static Fault Poison { get; } = new("rejected_by_database", "Every worker that tried this row stopped.");

    /// <summary>The error of a row that took too long alone.</summary>
    public static Fault TooSlow { get; } = new("rejected_by_database", "The database took too long for this row.");

    /// <summary>A time-out, but not one of waiting for a lock: a smaller chunk may do.</summary>
    public static bool IsTooSlow(PostgresException error) => CodeOf(error) == PostgresErrorCodes.QueryCanceled;

    /// <summary>The server lacks disk, memory or connections: not the chunk's fault, and a quick retry is no use.</summary>
    public static bool IsOutOfResources(Exception exception) => exception is PostgresException error && CodeOf(error) is var state
        && (state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal));

    /// <summary>An error of the database or of the connection to it.</summary>
    public static bool IsOfDatabase(Exception exception) =>
        exception is NpgsqlException or TimeoutException || LostConnection.IsMeantBy(exception);

    /// <summary>Another attempt may succeed: after a serialisation failure, a deadlock, a lost connection, a restart, contention.</summary>
    public static bool IsPassing(Exception exception) => exception switch
    {
        PostgresException error when CodeOf(error) is var state => state is PostgresErrorCodes.SerializationFailure
                or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.QueryCanceled or IdleInTransactionSessionTimeout
            || state.StartsWith("08", StringComparison.Ordinal)
            || state.StartsWith("57P", StringComparison.Ordinal)
            || IsOutOfResources(exception),
        NpgsqlException or ContentionException or TimeoutException or IOException => true,
        _ => LostConnection.IsMeantBy(exception),
    };

    /// <summary>The message for the caller when a lane gives up; it never holds a statement or a value.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        PostgresException error when CodeOf(error) is var state => $"The database did not accept the work (code {state}).",
        NpgsqlException => "The database could not be reached.",
        IOException => "The uploaded file could not be read.",
        ContentionException => "Other jobs kept changing the same records.",
        _ when LostConnection.IsMeantBy(exception) => "The database could not be reached.",
        _ => "An internal error stopped the job.",
    };
}
