using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>The reading position in a query, and the first fault. Nothing is read after a fault.</summary>
internal sealed class QueryCursor
{
    private readonly QueryLexer _lexer;

    public QueryCursor(string text)
    {
        _lexer = new QueryLexer(text);
        Token = _lexer.Next();
    }

    /// <summary>The next token to read.</summary>
    public QueryToken Token { get; private set; }

    public QueryFault? Fault { get; private set; }

    /// <summary>Goes to the next token and returns the current one.</summary>
    public QueryToken Take()
    {
        var taken = Token;
        Token = _lexer.Next();
        return taken;
    }

    /// <summary>Goes to the next token if the current one is this keyword or symbol.</summary>
    public bool TryTake(string text)
    {
        if (!Token.Is(text)) return false;
        Take();
        return true;
    }

    /// <summary>The same, but reports a fault if the token is another one.</summary>
    public bool Expect(string text, string expected)
    {
        if (TryTake(text)) return true;
        Refuse(Token, expected);
        return false;
    }

    /// <summary>Reports that something else was expected in place of the token.</summary>
    public void Refuse(QueryToken token, string expected, IReadOnlyList<string>? accepted = null) =>
        Fault ??= new QueryFault(
            token.Position, Invariant($"At position {token.Position}: found {token.Describe()}, expected {expected}."), accepted);

    /// <summary>Reports that the token has the form of a value but is not a valid value of the field.</summary>
    public void RefuseValue(QueryToken token, Field field, Fault fault) => Fault ??= new QueryFault(
        token.Position,
        Invariant($"At position {token.Position}: for {field.Key}, {char.ToLowerInvariant(fault.Message[0])}{fault.Message[1..]}"),
        field.Options.Count > 0 ? field.Options : null);
}
