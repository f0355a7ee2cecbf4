using System.Globalization;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;

namespace Driftwood.Api.Features.Compat;

/// <summary>A page of a list that counts its pages, as the query of the request asks for it with <c>page</c> and <c>per_page</c>.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Size">From 1 to <see cref="MaxSize"/>.</param>
internal sealed record PageNumbers(int Number, int Size)
{
    /// <summary>Default and maximum of <c>per_page</c>; a larger number counts as this one.</summary>
    public const int MaxSize = 1_000;

    /// <summary>The number of items before the page.</summary>
    public int Skip => (int)Math.Min((long)(Number - 1) * Size, int.MaxValue);

    /// <exception cref="ApiException">422.</exception>
    public static PageNumbers Read(IQueryCollection query) =>
        new(Read(query, "page", 1), Math.Min(Read(query, "per_page", MaxSize), MaxSize));

    /// <summary>A number of the query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="name">The member.</param>
    /// <param name="otherwise">The number if the member is not there.</param>
    /// <param name="max">The largest number; null for any.</param>
    /// <exception cref="ApiException">422.</exception>
    public static int Read(IQueryCollection query, string name, int otherwise, int? max = null)
    {
        if (query[name].ToString() is not { Length: > 0 } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && !(number > max))
            return number;
        var expected = max is null ? "a whole number from 1" : $"1 to {max}";
        throw ApiException.Validation(name, "out_of_range", $"Found {Found.Describe(text)}, expected {expected}.");
    }

    /// <summary>The answer.</summary>
    /// <param name="name">The member that holds the items.</param>
    /// <param name="items">The items of the page.</param>
    /// <param name="total">The number of items on all pages.</param>
    public JsonObject ToJson(string name, IEnumerable<JsonNode> items, int total) => new()
    {
        [name] = new JsonArray([.. items]),
        ["current_page"] = Number,
        ["total_pages"] = Math.Max(1, (int)(((long)total + Size - 1) / Size)),
        ["total_count"] = total,
        ["per_page"] = Size,
    };
}
