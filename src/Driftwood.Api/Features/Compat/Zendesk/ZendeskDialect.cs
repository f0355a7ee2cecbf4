using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Services;
using Driftwood.Engine.Faults;

namespace Driftwood.Api.Features.Compat.Zendesk;

/// <summary>
/// How Zendesk's clients authenticate and are refused. node-zendesk takes every status for a success but 400, 401, 403, 404, 405, 409,
/// 422, 429, 500 and 503, and every answer with <c>Retry-After</c> for a 429; so no other status is sent, and that header with no other.
/// </summary>
internal sealed class ZendeskDialect(CompatAccounts accounts) : ServiceDialect
{
    public override bool IsOnFor(Guid account) => accounts.Include(account);

    public override string SecretOf(HttpRequest request)
    {
        var isRead = AuthenticationHeaderValue.TryParse(request.Headers.Authorization.ToString(), out var header);
        return (isRead ? header!.Scheme.ToUpperInvariant() : "") switch
        {
            "BEARER" => header!.Parameter,
            "BASIC" => TokenOf(header!.Parameter ?? ""),
            _ => null,
        } ?? throw new ApiException(ErrorCodes.Unauthenticated, "Expected <e-mail>/token:<token> as Basic credentials, or a Bearer token.");
    }

    public override ServiceAnswer RefusalOf(ApiException failure, HttpContext http)
    {
        var seconds = Math.Clamp((int)Math.Ceiling(failure.RetryAfter?.TotalSeconds ?? 1), 1, 5);
        if (failure.Status is 429 or 503) http.Response.Headers.RetryAfter = FormattableString.Invariant($"{seconds}");
        return failure.Status switch
        {
            400 => Answer(400, failure.Code == ErrorCodes.InvalidJson ? "InvalidJSON" : "BadRequest", failure.Message),
            401 => new ServiceAnswer(401, new JsonObject { ["error"] = "Couldn't authenticate you" }),
            403 => Answer(403, "Forbidden", failure.Message),
            404 => Answer(404, "RecordNotFound", "Not found"),
            405 => Answer(405, "MethodNotAllowed", failure.Message),
            409 => Answer(409, "Conflict", failure.Message),
            429 => Answer(429, "TooManyJobs", "Too many jobs are currently queued or running. Try again later."),
            503 => Answer(503, "ServiceUnavailable", failure.Message),
            >= 500 => Answer(500, "InternalError", failure.Message),
            _ when failure.Details is [{ Code: "out_of_range", Path: not ZendeskPage.Size } only] =>
                Answer(422, "TooManyValues", only.Message),
            _ => Answer(422, "RecordInvalid", "Record validation errors", DetailsOf(failure)),
        };
    }

    // The token of "e-mail/token:token" in base 64; null when the text has another form.
    private static string? TokenOf(string credentials)
    {
        var bytes = new byte[credentials.Length];
        if (!Convert.TryFromBase64String(credentials, bytes, out var length)) return null;
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return parts.Length == 2 && parts[0].EndsWith("/token", StringComparison.Ordinal) ? parts[1] : null;
    }

    private static ServiceAnswer Answer(int status, string error, string description, JsonObject? details = null)
    {
        var body = new JsonObject { ["error"] = error, ["description"] = description };
        if (details is not null) body["details"] = details;
        return new ServiceAnswer(status, body);
    }

    private static JsonObject DetailsOf(ApiException failure)
    {
        IEnumerable<Fault> faults = failure.Code == ErrorCodes.InvalidCursor
            ? [new Fault("page[after]", "", "Not a cursor of this list: expected the after_cursor of an earlier answer, unchanged.")]
            : failure.Details.Count > 0 ? failure.Details.Select(OfItem) : [new Fault("base", "", failure.Message)];
        var members = faults.GroupBy(
            fault => fault.Path, fault => (JsonNode)new JsonObject { ["description"] = fault.Message, ["error"] = "InvalidValue" });
        return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, (JsonNode?)new JsonArray([.. member]))));
    }

    // A fault within an item is listed under the item.
    private static Fault OfItem(Fault fault)
    {
        var end = fault.Path.StartsWith("job.items[", StringComparison.Ordinal) ? fault.Path.IndexOf(']') + 1 : fault.Path.Length;
        var within = fault.Path[end..].TrimStart('.');
        if (within.Length > 0) return new Fault(fault.Path[..end], fault.Code, $"{within}: {fault.Message}");
        return fault.Path.Length > 0 ? fault : fault.At("base");
    }
}
