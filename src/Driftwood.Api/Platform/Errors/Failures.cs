using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Driftwood.Storage;
using Npgsql;

namespace Driftwood.Api.Platform.Errors;

/// <summary>The answer to an exception. The exception's own text never leaves, unless it was written for the caller.</summary>
internal static class Failures
{
    private static readonly TimeSpan OutageRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ContentionRetry = TimeSpan.FromSeconds(1);

    public static ApiException From(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (Known(cause) is { } failure)
                return failure;
        }

        return new ApiException(ErrorCodes.InternalError, "Something went wrong on our side. Tell us the request_id.");
    }

    private static ApiException? Known(Exception exception) => exception switch
    {
        ApiException failure => failure,
        BadHttpRequestException { StatusCode: 413 } => new(ErrorCodes.RequestTooLarge, "The body is larger than this route takes."),
        BadHttpRequestException bad => new(ErrorCodes.BadRequest, "The request could not be read.") { Status = bad.StatusCode },
        PostgresException postgres => FromDatabase(PostgresFaults.CodeOf(postgres)),
        NpgsqlException { InnerException: TimeoutException } npgsql when IsPoolExhausted(npgsql) =>
            new(ErrorCodes.Overloaded, "This node has no connection to the database to spare.") { RetryAfter = ContentionRetry },
        NpgsqlException { IsTransient: true } => Unavailable,
        _ when LostConnection.IsMeantBy(exception) => Unavailable,
        StorageUnavailableException => StorageAway,
        RecordQueryTimeoutException slow => new(ErrorCodes.QueryTooSlow, slow.Message),
        RecordTypeBusyException busy => new(ErrorCodes.DatabaseBusy, busy.Message) { RetryAfter = ContentionRetry },
        RecordTypeChangedException changed => new ApiException(ErrorCodes.RecordTypeChanged, changed.Message + " Send the request again."),
        _ => null,
    };

    private static ApiException? FromDatabase(string state) => state switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled =>
            new(ErrorCodes.DatabaseBusy, "The database is busy with conflicting work.") { RetryAfter = ContentionRetry },
        // Text the database's encoding cannot hold; the reader refuses it already, this is for what slips by.
        PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter =>
            ApiException.Validation("", "invalid_characters", "The request holds characters that cannot be stored."),
        PostgresErrorCodes.InvalidCatalogName => Unavailable,
        _ when IsOutage(state) => Unavailable,
        _ => null,
    };

    // Npgsql has no other sign of it than its text.
    private static bool IsPoolExhausted(NpgsqlException exception) =>
        exception.Message.Contains("pool has been exhausted", StringComparison.Ordinal);

    // Connection lost (08), log-in refused (28), resources out (53), operator intervention or shutdown (57P), system error (58).
    private static bool IsOutage(string state) =>
        state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("28", StringComparison.Ordinal)
        || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal)
        || state.StartsWith("58", StringComparison.Ordinal);

    private static ApiException StorageAway =>
        new(ErrorCodes.StorageUnavailable, "The storage of uploaded files cannot be reached at the moment.") { RetryAfter = OutageRetry };

    private static ApiException Unavailable =>
        new(ErrorCodes.DatabaseUnavailable, "The database cannot be reached at the moment.") { RetryAfter = OutageRetry };
}
