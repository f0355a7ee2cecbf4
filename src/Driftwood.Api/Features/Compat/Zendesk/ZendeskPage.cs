using System.Globalization;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;

namespace Driftwood.Api.Features.Compat.Zendesk;

/// <summary>A page of a list: what the query asks for, and the links that lead on.</summary>
internal sealed record ZendeskPage(string? Cursor, int? Limit) : IPaged
{
    private const int Max = 100;
    public const string Size = "page[size]";
    private const string After = "page[after]";

    /// <param name="http">The call under way.</param>
    /// <param name="filters">The other members of the query that the list knows.</param>
    public static ZendeskPage Read(HttpContext http, params string[] filters)
    {
        var query = http.Request.Query;
        string[] known = [Size, After, .. filters];
        if (query.Keys.Except(known).FirstOrDefault(key => key.Split('[')[0] is "page" or "per_page" or "filter" or "sort") is { } unknown)
            throw ApiException.Validation(Found.Shorten(unknown), "unknown_member", $"Expected one of {string.Join(", ", known)}.");
        var after = query[After].ToString() is { Length: > 0 } cursor ? cursor : null;
        return new ZendeskPage(after, PageNumbers.Read(query, Size, Max, Max));
    }

    /// <summary>The values of a member of the query, with commas between them; null when it is absent.</summary>
    public static string[]? List(HttpContext http, string member)
    {
        if (!http.Request.Query.TryGetValue(member, out var given)) return null;
        var values = given.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (values.Length <= Max) return values;
        throw ApiException.Validation(member, "out_of_range", $"Found {values.Length} values in {member}, expected at most {Max}.");
    }

    /// <param name="http">The call under way.</param>
    /// <param name="path">What follows the version.</param>
    public static string Url(HttpContext http, string path) => $"{PublicAddress.Of(http)}/api/v2/{path}.json";

    /// <summary>Adds the members that lead on to the next page.</summary>
    public JsonObject Write(HttpContext http, JsonObject list, string path, string? next, params string[] filters)
    {
        var query = http.Request.Query;
        var kept = filters.Where(query.ContainsKey).Select(member => $"&{member}={Uri.EscapeDataString(query[member].ToString())}");
        var link = next is null ? null : $"{Url(http, path)}?{After}={next}&{Size}={Limit}{string.Concat(kept)}";
        list["meta"] = new JsonObject { ["has_more"] = next is not null, ["after_cursor"] = next, ["before_cursor"] = null };
        list["links"] = new JsonObject { ["next"] = link, ["prev"] = null };
        return list;
    }
}
