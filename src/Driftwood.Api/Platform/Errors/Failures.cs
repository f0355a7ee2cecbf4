using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Api.Platform.Errors;

/// <summary>What the caller is told of an exception. Its own text never leaves, unless it was written for the caller.</summary>
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

        return new ApiException(500, "internal_error", "Something went wrong on our side. Tell us the request_id.");
    }

    private static ApiException? Known(Exception exception) => exception switch
    {
        ApiException failure => failure,
        BadHttpRequestException { StatusCode: 413 } => new(413, "request_too_large", "The body is larger than this route takes."),
        BadHttpRequestException bad => new(bad.StatusCode, "bad_request", "The request could not be read."),
        PostgresException postgres => FromDatabase(postgres.SqlState),
        NpgsqlException { IsTransient: true } => Unavailable,
        _ when LostConnection.IsMeantBy(exception) => Unavailable,
        RecordQueryTimeoutException slow => new(422, "query_too_slow", slow.Message),
        RecordTypeBusyException busy => new(503, "database_busy", busy.Message) { RetryAfter = ContentionRetry },
        RecordTypeChangedException changed => ApiException.Conflict("record_type_changed", changed.Message + " Send the request again."),
        _ => null,
    };

    private static ApiException? FromDatabase(string state) => state switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled =>
            new(503, "database_busy", "The database is busy with conflicting work.") { RetryAfter = ContentionRetry },
        // Text the database's encoding cannot hold; the reader refuses it already, this is for what slips by.
        PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter =>
            ApiException.Validation(null, "invalid_characters", "The request holds characters that cannot be stored."),
        PostgresErrorCodes.InvalidCatalogName => Unavailable,
        _ when IsOutage(state) => Unavailable,
        _ => null,
    };

    // Connection lost (08), log-in refused (28), resources out (53), operator intervention or shutdown (57P), system error (58).
    private static bool IsOutage(string state) =>
        state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("28", StringComparison.Ordinal)
        || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal)
        || state.StartsWith("58", StringComparison.Ordinal);

    private static ApiException Unavailable =>
        new(503, "database_unavailable", "The database cannot be reached at the moment.") { RetryAfter = OutageRetry };
}
