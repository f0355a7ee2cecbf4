using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Driftwood.Api.Platform.Requests;

/// <summary>
/// Parameters of a path as the caller encoded them. Routing decodes them but for <c>%2F</c>, so it cannot tell <c>%2F</c> from
/// <c>%252F</c>; ids of other services may contain both.
/// </summary>
internal static class RawPath
{
    private const string JsonSuffix = ".json";

    /// <summary>A parameter of the route, percent-decoded once.</summary>
    public static string Value(HttpContext http, string parameter)
    {
        var pattern = ((RouteEndpoint)http.GetEndpoint()!).RoutePattern.PathSegments;
        var index = pattern.Index().First(segment => IsParameter(segment.Item, parameter)).Index;
        var segments = PathOf(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).Split('/');
        return segments.Length == pattern.Count
            ? Uri.UnescapeDataString(segments[index])
            : (string)http.GetRouteValue(parameter)!; // the path had segments such as . and .., which the server has resolved
    }

    /// <summary>The same without <c>.json</c> at its end, which some clients add to every path.</summary>
    public static string ValueBeforeJson(HttpContext http, string parameter)
    {
        var value = Value(http, parameter);
        return value.EndsWith(JsonSuffix, StringComparison.Ordinal) ? value[..^JsonSuffix.Length] : value;
    }

    private static bool IsParameter(RoutePatternPathSegment segment, string name) =>
        segment.Parts.Any(part => part is RoutePatternParameterPart parameter && parameter.Name == name);

    // The target may also be an absolute URL.
    private static string PathOf(string target)
    {
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target[..end];
        if (!path.StartsWith('/') && path.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
        {
            var start = path.IndexOf('/', scheme + 3);
            path = start < 0 ? "/" : path[start..];
        }

        return path.TrimStart('/').TrimEnd('/');
    }
}
