using System.Text.Json;
using System.Text.RegularExpressions;

namespace Driftwood.Tests.Fuzzing;

/// <summary>Says what is wrong with an answer.</summary>
internal static partial class FuzzVerdict
{
    private static readonly string[] FailureMembers = ["code", "message", "details", "request_id"];

    private static readonly string[] DetailMembers = ["field", "code", "message", "accepted"];

    /// <summary>Null if nothing is wrong.</summary>
    public static string? Of(FuzzOperation operation, int status, string? contentType, string body)
    {
        if (status >= 500) return $"status {status}";
        if (Leak().Match(body) is { Success: true } leak) return $"tells of the inside: {leak.Value}";
        if (operation.IsNative && status < 300 && operation.MakesFile)
        {
            return operation.ContentTypes.Contains(contentType?.Split(';')[0].TrimEnd()) ? null : $"the file has the type {contentType}";
        }

        // Requests that are no HTTP are refused by the server itself, without a body.
        if (status == 400 && body.Length == 0) return null;
        if (contentType?.StartsWith("application/json", StringComparison.Ordinal) != true) return $"{status} with the type {contentType}";
        return operation.IsNative ? OfEnvelope(status, body) : OfJson(body);
    }

    private static string? OfJson(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? null : "no object";
        }
        catch (JsonException)
        {
            return "no JSON";
        }
    }

    private static string? OfEnvelope(int status, string body)
    {
        if (OfJson(body) is { } wrong) return wrong;
        using var document = JsonDocument.Parse(body);
        var answer = document.RootElement;
        if (!answer.TryGetProperty("ok", out var ok)) return "no ok";
        if (ok.ValueKind == JsonValueKind.True)
        {
            var isSuccess = status == 200 && answer.TryGetProperty("result", out _) && answer.EnumerateObject().Count() == 2;
            return isSuccess ? null : "a false success";
        }

        if (status < 400 || !answer.TryGetProperty("error", out var error) || answer.EnumerateObject().Count() != 2)
            return "a false failure";
        return error.EnumerateObject().Select(member => member.Name).SequenceEqual(FailureMembers)
            ? OfError(status, error)
            : "an error without its members";
    }

    private static string? OfError(int status, JsonElement error)
    {
        var isWhole = error.GetProperty("details").EnumerateArray().All(detail =>
            detail.EnumerateObject().All(member => DetailMembers.Contains(member.Name))
            && detail.GetProperty("code").GetString()!.Length > 0 && detail.GetProperty("message").GetString()!.Length > 0);
        if (!isWhole || error.GetProperty("message").GetString()!.Length == 0) return "an error without a reason";
        var isValidation = status == 422 && error.GetProperty("code").GetString() == "validation_failed";
        return isValidation && error.GetProperty("details").GetArrayLength() == 0 ? "a refusal without details" : null;
    }

    // Nothing that the requests send looks like these.
    [GeneratedRegex(
        @"Npgsql|PostgresException|System\.[A-Z]|Microsoft\.|Driftwood\.[A-Z]\w+\.|Exception\b|\bat .+\(.*\) in |\.cs:line"
            + @"|/(tmp|home|root|src|var|work)/|account_id(?!"":)|insert into |\bpg_\w+|syntax error at or near|relation ""|column """
            + @"|\$\d+::|constraint """)]
    private static partial Regex Leak();
}
