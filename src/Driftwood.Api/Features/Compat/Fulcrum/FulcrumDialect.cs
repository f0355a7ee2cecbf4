using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Services;
using Driftwood.Engine.Faults;
using Microsoft.AspNetCore.WebUtilities;

namespace Driftwood.Api.Features.Compat.Fulcrum;

/// <summary>How Fulcrum's clients prove who they are and are refused. The bodies are those of Fulcrum's OpenAPI document.</summary>
internal sealed class FulcrumDialect(CompatAccounts accounts) : ServiceDialect
{
    private const string Header = "X-ApiToken";
    private const int MaxRetrySeconds = 5;

    public override string SecretOf(HttpRequest request) =>
        request.Headers[Header].ToString() is { Length: > 0 } token
            ? token
            : throw new ApiException(ErrorCodes.Unauthenticated, $"Expected the header {Header}: <token>.");

    public override bool IsOnFor(Guid account) => accounts.Include(account);

    public override ServiceAnswer RefusalOf(ApiException failure, HttpContext http)
    {
        if (failure.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, MaxRetrySeconds)).ToString("0");
        }

        if (failure.Details.FirstOrDefault(IsOfWrongKind) is { } wrong)
            return Plain(400, wrong.Path.Length == 0 ? wrong.Message : $"{wrong.Path}: {wrong.Message}");
        if (failure.Code == ErrorCodes.InvalidState) return Errors([new Fault("status", failure.Code.Name, failure.Message)]);
        if (failure.Status == StatusCodes.Status422UnprocessableEntity)
        {
            return Errors(failure.Details.Count > 0 ? failure.Details : [new Fault("base", failure.Code.Name, failure.Message)]);
        }

        // Fulcrum's own bodies of these two have no message.
        return Plain(failure.Status, failure.Status is 401 or 404 ? null : failure.Message);
    }

    // The request has another form: a JSON value of another kind, or nothing where the batch should stand.
    private static bool IsOfWrongKind(Fault fault) =>
        fault.Code == "wrong_type" || (fault.Code == "required" && fault.Path is "batch" or "operations");

    private static ServiceAnswer Plain(int status, string? message)
    {
        var body = new JsonObject { ["error"] = ReasonPhrases.GetReasonPhrase(status), ["status"] = status };
        if (message is not null) body["message"] = message;
        return new ServiceAnswer(status, body);
    }

    private static ServiceAnswer Errors(IEnumerable<Fault> faults)
    {
        var errors = new JsonObject();
        foreach (var member in faults.GroupBy(fault => PathOf(fault.Path)))
        {
            errors[member.Key] = new JsonArray([.. member.Select(fault => (JsonNode)fault.Message)]);
        }

        return new ServiceAnswer(
            StatusCodes.Status422UnprocessableEntity, new JsonObject { ["batch"] = new JsonObject { ["errors"] = errors } });
    }

    private static string PathOf(string path) => path.StartsWith("batch.", StringComparison.Ordinal) ? path["batch.".Length..] : path;
}
