using System.Globalization;
using System.Text.Json;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Faults;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>The failures that routes share, for the OpenAPI document.</summary>
internal static class FailureExamples
{
    private static readonly Fault Typo = new(
        "limitt", "unknown_member", "There is no such member here.", ["cursor", "limit"]);

    private static readonly (string Description, ApiException Failure)[] OfBodies =
    [
        ("The body is not JSON", new(ErrorCodes.InvalidJson, "The body is not JSON: line 1, byte 14.")),
        ("The body is too large", RequestBody.TooLarge()),
        ("The body is not application/json",
            new(ErrorCodes.UnsupportedMediaType, "Found Content-Type \"text/plain\", expected application/json in UTF-8.")),
    ];

    private static readonly (string Description, ApiException Failure)[] Always =
    [
        ("No token, or one that is refused", new(ErrorCodes.Unauthenticated, "Expected the header Authorization: Bearer <token>.")),
        ("The token lacks the scope", ApiException.Forbidden("This needs a token with the scope write; this one has: read.")),
        ("It does not exist in this account", ApiException.NotFound("bulk job", "550e8400-e29b-41d4-a716-446655440000")),
        ("The request is not as expected", ApiException.Validation([Typo])),
        ("More requests than the account may send; Retry-After says when to try again",
            new(ErrorCodes.RateLimited, "More than 500 requests a second that read.")),
        ("The database is away; Retry-After says when to try again",
            new(ErrorCodes.DatabaseUnavailable, "The database cannot be reached at the moment.")),
    ];

    private static readonly (string Description, ApiException Failure) Conflict =
        ("The state does not allow it", ApiException.InvalidState("The job is completed; only a pending job can be started."));

    public static IEnumerable<Example> For(IList<object> metadata)
    {
        var changes = !metadata.OfType<ChangesNothing>().Any();
        var hasBody = !metadata.OfType<LinkRoute>().Any();
        return Always.Concat(hasBody ? OfBodies : []).Concat(changes ? [Conflict] : [])
            .OrderBy(example => example.Failure.Status)
            .Select(example => ToExample(example.Description, example.Failure));
    }

    public static Example ToExample(string description, ApiException failure)
    {
        var body = Envelope.BodyOf(failure, "0197a3c2-5b1e-7c44-9a51-2f0a4be1d9c7");
        return new Example(
            failure.Status.ToString(CultureInfo.InvariantCulture),
            description,
            JsonSerializer.Serialize(body, WireJson.Options));
    }

    internal sealed record Example(string Status, string Description, string Json);
}
