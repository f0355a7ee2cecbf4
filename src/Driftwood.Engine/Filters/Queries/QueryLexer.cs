using System.Text;
using Driftwood.Engine.Records.Text;
using static System.FormattableString;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>
/// Splits the text of a query into tokens. It refuses nothing: text outside the grammar becomes a symbol, which the parser refuses.
/// </summary>
internal sealed class QueryLexer(string text)
{
    // Comments and casts are whole symbols, so that a message can name them.
    private static readonly string[] LongSymbols = ["<>", "!=", "<=", ">=", "--", "/*", "||", "::"];

    private int _at;

    /// <summary>The fault of a text that cannot be split, because it is too long or contains invalid characters.</summary>
    public static QueryFault? FindUnreadable(string text)
    {
        if (text.Length > FilterLimits.MaxQueryLength)
        {
            const int End = FilterLimits.MaxQueryLength;
            return new QueryFault(End + 1, Invariant($"At position {End + 1}: found {text.Length} characters, expected at most {End}."));
        }

        if (!text.Contains('\0') && Blank.IsWellFormed(text)) return null;
        var at = 0;
        while (text[at] != '\0' && Rune.TryGetRuneAt(text, at, out var rune)) at += rune.Utf16SequenceLength;
        return new QueryFault(at + 1, Invariant($"At position {at + 1}: found a NUL or half a surrogate pair, expected text."));
    }

    /// <summary>Whether the whole text is a word.</summary>
    public static bool IsWord(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(IsWordPart);

    /// <summary>Reads the next token. After the last token, every call returns the end token.</summary>
    public QueryToken Next()
    {
        while (_at < text.Length && IsSpace(text[_at])) _at++;
        var start = _at;
        if (start == text.Length) return new QueryToken(QueryTokenKind.End, "", start + 1);
        var kind = text[start] switch
        {
            '\'' => SkipQuoted('\'') ? QueryTokenKind.String : QueryTokenKind.Unclosed,
            '"' => SkipQuoted('"') ? QueryTokenKind.Name : QueryTokenKind.Unclosed,
            '_' => SkipWord(),
            var letter when char.IsAsciiLetter(letter) => SkipWord(),
            _ => SkipNumber() ? QueryTokenKind.Number : SkipSymbol(),
        };
        return new QueryToken(kind, text[start.._at], start + 1);
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static bool IsWordPart(char c) => c == '_' || char.IsAsciiLetterOrDigit(c);

    private char Peek(int ahead = 0) => _at + ahead < text.Length ? text[_at + ahead] : '\0';

    private bool SkipQuoted(char quote)
    {
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] != quote) continue;
            _at++;
            if (Peek() != quote) return true;
        }

        return false;
    }

    private QueryTokenKind SkipWord()
    {
        while (IsWordPart(Peek())) _at++;
        return QueryTokenKind.Word;
    }

    private bool SkipNumber()
    {
        var start = _at;
        if (Peek() is '+' or '-') _at++;
        var digits = SkipDigits();
        if (Peek() == '.')
        {
            _at++;
            digits += SkipDigits();
        }

        if (digits == 0)
        {
            _at = start;
            return false;
        }

        SkipExponent();
        return true;
    }

    private void SkipExponent()
    {
        if (Peek() is not ('e' or 'E')) return;
        var sign = Peek(1) is '+' or '-' ? 1 : 0;
        if (!char.IsAsciiDigit(Peek(1 + sign))) return;
        _at += 1 + sign;
        SkipDigits();
    }

    private int SkipDigits()
    {
        var start = _at;
        while (char.IsAsciiDigit(Peek())) _at++;
        return _at - start;
    }

    private QueryTokenKind SkipSymbol()
    {
        var isLong = Array.Exists(LongSymbols, symbol => string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) == 0);
        _at += isLong || char.IsHighSurrogate(text[_at]) ? 2 : 1;
        return QueryTokenKind.Symbol;
    }
}
