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
    /// <summary>An operator or a bracket, or any text that is not the start of another token.</summary>
    Symbol,
    /// <summary>An opening quote without a closing one, with all text after it.</summary>
    Unclosed,
    End,
}

/// <summary>A token of a query.</summary>
/// <param name="Kind">The kind of the token.</param>
/// <param name="Text">The text of the token in the query.</param>
/// <param name="Position">The position of its first character, from 1.</param>
internal readonly record struct QueryToken(QueryTokenKind Kind, string Text, int Position)
{
    /// <summary>The text without quotes; doubled quotes become single.</summary>
    public string Value => Kind switch
    {
        QueryTokenKind.Name => Text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal),
        QueryTokenKind.String => Text[1..^1].Replace("''", "'", StringComparison.Ordinal),
        _ => Text,
    };

    /// <summary>Whether the token can name a field or a type.</summary>
    public bool IsName => Kind == QueryTokenKind.Name || (Kind == QueryTokenKind.Word && !QueryKeywords.IsReserved(Text));

    /// <summary>The form of the token's value, or null if it is not a value.</summary>
    public LiteralForm? Form => Kind switch
    {
        QueryTokenKind.String => LiteralForm.String,
        QueryTokenKind.Number => LiteralForm.Number,
        _ when Is("TRUE") || Is("FALSE") => LiteralForm.Boolean,
        _ => null,
    };

    /// <summary>Whether the token is this keyword (in any case) or this symbol.</summary>
    public bool Is(string text) => Kind switch
    {
        QueryTokenKind.Word => text.Equals(Text, StringComparison.OrdinalIgnoreCase),
        QueryTokenKind.Symbol => text == Text,
        _ => false,
    };

    /// <summary>The token as error messages show it.</summary>
    public string Describe() => Kind switch
    {
        QueryTokenKind.End => "the end of the query",
        QueryTokenKind.Unclosed => $"a {Text[0]} that is never closed",
        QueryTokenKind.Symbol => $"'{Text}'",
        _ => Excerpt.Of(Text),
    };
}
