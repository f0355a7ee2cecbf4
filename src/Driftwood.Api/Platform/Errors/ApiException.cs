using Driftwood.Engine.Faults;

namespace Driftwood.Api.Platform.Errors;

/// <summary>
/// A refusal the caller is told about: thrown by handlers, written as the failure envelope at the edge.
/// The message goes to the caller as it is, so it holds nothing secret.
/// </summary>
internal sealed class ApiException(ErrorCode code, string message) : Exception(message)
{
    public int Status { get; init; } = code.Status;

    public ErrorCode Code { get; } = code;

    public IReadOnlyList<Fault> Details { get; init; } = [];

    /// <summary>A request with more wrong in it is not helped by more, and an answer must not be a multiple of its request.</summary>
    public const int MaxDetails = 100;

    /// <summary>Further members of the error, by their names on the wire: what the request has made nevertheless.</summary>
    public IReadOnlyDictionary<string, object> More { get; init; } = new Dictionary<string, object>();

    /// <summary>Only for 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same refusal with further members, and with other details if they are given.</summary>
    public ApiException With(IReadOnlyDictionary<string, object> more, IReadOnlyList<Fault>? details = null) =>
        new(Code, Message) { Status = Status, Details = details ?? Details, RetryAfter = RetryAfter, More = more };

    /// <summary>
    /// 404, in the same words whether the id never existed or belongs to another account.
    /// </summary>
    /// <param name="noun">Such as <c>bulk job</c>.</param>
    /// <param name="id">The id that the caller gave.</param>
    public static ApiException NotFound(string noun, object id) => new(ErrorCodes.NotFound, $"There is no {noun} {id}.");

    /// <summary>409: the thing is not in a state that allows this.</summary>
    public static ApiException InvalidState(string message) => new(ErrorCodes.InvalidState, message);

    public static ApiException Forbidden(string message) => new(ErrorCodes.Forbidden, message);

    /// <summary>422 for one member; throw from a handler only what a validator cannot know.</summary>
    /// <param name="path">The member; empty for the request as a whole.</param>
    /// <param name="code">One of <see cref="DetailCodes"/>.</param>
    /// <param name="message">Says what was found and what was expected.</param>
    /// <param name="accepted">The values that would be accepted, where that is a list.</param>
    public static ApiException Validation(string path, string code, string message, IReadOnlyList<string>? accepted = null) =>
        Validation([new Fault(path, code, message, accepted)]);

    /// <summary>422 with every reason at once, the first <see cref="MaxDetails"/> of them.</summary>
    public static ApiException Validation(IReadOnlyList<Fault> details) =>
        new(ErrorCodes.ValidationFailed, Summarise(details))
        {
            Details = details.Count <= MaxDetails ? details : [.. details.Take(MaxDetails)],
        };

    private static string Summarise(IReadOnlyList<Fault> details)
    {
        var first = details[0].Path.Length > 0 ? $"{details[0].Path}: {details[0].Message}" : details[0].Message;
        return details.Count == 1 ? first : $"{details.Count} problems with the request. The first: {first}";
    }
}
