using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Faults;
using FluentValidation;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>One page of a list.</summary>
/// <param name="NextCursor">Null on the last page.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>The members that the request of every list has; its validator has <c>Include(new PagingRules())</c>.</summary>
internal interface IPaged
{
    string? Cursor { get; }
    int? Limit { get; }
}

internal sealed class PagingRules : AbstractValidator<IPaged>
{
    public PagingRules() => RuleFor(list => list.Limit).InclusiveBetween(1, Paging.MaxLimit);
}

internal static class Paging
{
    public const int MaxLimit = 1000;
    public const int DefaultLimit = 50;

    /// <summary>How many rows to fetch: one more than the page holds tells whether there is another page.</summary>
    public static int FetchCount(this IPaged list) => (list.Limit ?? DefaultLimit) + 1;

    /// <summary>Makes the page of <see cref="FetchCount"/> fetched rows.</summary>
    /// <param name="cursorOf">The cursor behind an item: <see cref="Cursor.Write"/>.</param>
    public static Page<T> ToPage<T>(this IReadOnlyList<T> fetched, IPaged list, Func<T, string> cursorOf)
    {
        var limit = list.FetchCount() - 1;
        return fetched.Count <= limit
            ? new Page<T>(fetched, null)
            : new Page<T>([.. fetched.Take(limit)], cursorOf(fetched[limit - 1]));
    }
}

/// <summary>
/// An opaque place in a list: the key of the last item given out, with a signature over list, account and key. A cursor that was cut,
/// edited, made by somebody else or taken from elsewhere is refused. All nodes have the same keys, so a cursor is good on each.
/// </summary>
internal static class Cursor
{
    private const int SignatureLength = CursorKeys.SignatureLength;
    private const string Member = "cursor";

    /// <param name="list">The route's name and whatever else the key means nothing without, such as a job's id.</param>
    public static string Write(Caller caller, string list, params ReadOnlySpan<string> key)
    {
        var position = Encoding.UTF8.GetBytes(string.Join('\n', key));
        return Base64Url.EncodeToString([.. caller.CursorKeys.Sign(caller.AccountId, list, position), .. position]);
    }

    /// <summary>The key's parts, as many as were written; null without a cursor.</summary>
    /// <exception cref="ApiException">422 <c>invalid_cursor</c>.</exception>
    public static string[]? Read(Caller caller, string list, string? cursor, string member = Member)
    {
        if (cursor is null)
            return null;
        if (cursor.Length > 2048 || !Base64Url.IsValid(cursor))
            throw Invalid(member);
        var bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length < SignatureLength || !caller.CursorKeys.Verify(
            caller.AccountId, list, bytes.AsSpan(SignatureLength), bytes.AsSpan(0, SignatureLength)))
        {
            throw Invalid(member);
        }

        return Encoding.UTF8.GetString(bytes, SignatureLength, bytes.Length - SignatureLength).Split('\n');
    }

    /// <summary><see cref="Read"/> for lists whose key is an id.</summary>
    public static Guid? ReadId(Caller caller, string list, string? cursor, string member = Member) =>
        Read(caller, list, cursor, member) is not { } key ? null : Guid.TryParse(key[0], out var id) ? id : throw Invalid(member);

    /// <summary><see cref="Read"/> for lists whose key is a number, such as row errors.</summary>
    public static long? ReadNumber(Caller caller, string list, string? cursor) =>
        Read(caller, list, cursor) is not { } key ? null
        : long.TryParse(key[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Invalid();

    /// <summary>The refusal of a cursor that was changed or is of another list.</summary>
    public static ApiException Invalid(string member = Member)
    {
        const string Message = "Not a cursor of this list: expected one of an earlier answer, unchanged.";
        return new(ErrorCodes.InvalidCursor, Message) { Details = [new Fault(member, "invalid_cursor", Message)] };
    }
}
