using System.Text.Json.Serialization;

namespace Driftwood.Api.Platform.Errors;

/// <summary>One reason why a request was refused.</summary>
/// <param name="Field">Path of the member, such as <c>entity_ids[3]</c>; null for the request as a whole.</param>
/// <param name="Code">A stable word.</param>
/// <param name="Message">What was found and what was expected.</param>
/// <param name="Accepted">What would have been accepted, where that is a list.</param>
internal sealed record ErrorDetail(
    string? Field,
    string Code,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Accepted = null);

/// <summary>
/// A refusal the caller is told about: thrown by handlers, written as the failure envelope at the edge.
/// The message goes to the caller as it is, so it holds nothing secret.
/// </summary>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>A stable, documented word.</summary>
    public string Code { get; } = code;

    public IReadOnlyList<ErrorDetail> Details { get; init; } = [];

    /// <summary>A request with more wrong in it is not helped by more, and an answer must not be a multiple of its request.</summary>
    public const int MaxDetails = 100;

    /// <summary>Only for 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// 404, in the same words whether the id never existed or belongs to another account.
    /// </summary>
    /// <param name="noun">Such as <c>bulk job</c>.</param>
    /// <param name="id">As the caller gave it.</param>
    public static ApiException NotFound(string noun, object id) => new(404, "not_found", $"There is no {noun} {id}.");

    /// <summary>409: the thing is not in a state that allows this.</summary>
    public static ApiException InvalidState(string message) => new(409, "invalid_state", message);

    /// <summary>409 with another code than <c>invalid_state</c>.</summary>
    public static ApiException Conflict(string code, string message) => new(409, code, message);

    public static ApiException Forbidden(string message) => new(403, "forbidden", message);

    /// <summary>422 for one member; throw from a handler only what a validator cannot know.</summary>
    public static ApiException Validation(
        string? field, string code, string message, IReadOnlyList<string>? accepted = null) =>
        Validation([new ErrorDetail(field, code, message, accepted)]);

    /// <summary>422 with every reason at once, the first <see cref="MaxDetails"/> of them.</summary>
    public static ApiException Validation(IReadOnlyList<ErrorDetail> details) =>
        new(422, "validation_failed", Summarise(details)) { Details = details.Count <= MaxDetails ? details : [.. details.Take(MaxDetails)] };

    /// <summary>429, such as <c>too_many_jobs</c>.</summary>
    public static ApiException TooMany(string code, string message, TimeSpan retryAfter) =>
        new(429, code, message) { RetryAfter = retryAfter };

    private static string Summarise(IReadOnlyList<ErrorDetail> details)
    {
        var first = details[0].Field is { } field ? $"{field}: {details[0].Message}" : details[0].Message;
        return details.Count == 1 ? first : $"{details.Count} problems with the request. The first: {first}";
    }
}
