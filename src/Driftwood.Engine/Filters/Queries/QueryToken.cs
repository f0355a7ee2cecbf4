using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>The kinds of tokens.</summary>
internal enum QueryTokenKind
{
    /// <summary>A keyword or a bare name.</summary>
    Word,
    /// <summary>A name in double quotes.</summary>
    Name,
    String,
    Number,
    /// <summary>An operator or a bracket, or anything that begins no other token.</summary>
    Symbol,
    /// <summary>A quote without its other half, with all that follows it.</summary>
    Unclosed,
    End,
}

/// <summary>A token of a query.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it stands in the query.</param>
/// <param name="Position">Where it begins, from 1.</param>
internal readonly record struct QueryToken(QueryTokenKind Kind, string Text, int Position)
{
    /// <summary>Without quotes, doubled ones made one.</summary>
    public string Value => Kind switch
    {
        QueryTokenKind.Name => Text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal),
        QueryTokenKind.String => Text[1..^1].Replace("''", "'", StringComparison.Ordinal),
        _ => Text,
    };

    /// <summary>Whether it can name a field or a type.</summary>
    public bool IsName => Kind == QueryTokenKind.Name || (Kind == QueryTokenKind.Word && !QueryKeywords.IsReserved(Text));

    /// <summary>The form of the value it is, or null where it is none.</summary>
    public LiteralForm? Form => Kind switch
    {
        QueryTokenKind.String => LiteralForm.String,
        QueryTokenKind.Number => LiteralForm.Number,
        _ when Is("TRUE") || Is("FALSE") => LiteralForm.Boolean,
        _ => null,
    };

    /// <summary>Whether it is this keyword (in any case) or this symbol.</summary>
    public bool Is(string text) => Kind switch
    {
        QueryTokenKind.Word => text.Equals(Text, StringComparison.OrdinalIgnoreCase),
        QueryTokenKind.Symbol => text == Text,
        _ => false,
    };

    /// <summary>For people.</summary>
    public string Describe() => Kind switch
    {
        QueryTokenKind.End => "the end of the query",
        QueryTokenKind.Unclosed => $"a {Text[0]} that is never closed",
        QueryTokenKind.Symbol => $"'{Text}'",
        _ => Excerpt.Of(Text),
    };
}
