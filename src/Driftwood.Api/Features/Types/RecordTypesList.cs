using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Types;

internal static class RecordTypesList
{
    private const string List = "record-types-list";

    public static readonly Page<RecordTypeView> Example = new([RecordTypeView.Example], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    public static async Task<Page<RecordTypeView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, CancellationToken cancellationToken)
    {
        var after = Cursor.Read(caller, List, request.Cursor)?[0];
        var types = await catalog.ListAsync(caller.AccountId, cancellationToken);
        var rows = await db.OwnTypes(caller).AsNoTracking().ToDictionaryAsync(type => type.Key, cancellationToken);
        // A type that was deleted between the two reads is not listed.
        return types.Where(type => type.TypeId is null || rows.ContainsKey(type.Key))
            .Where(type => after is null || IsAfter(type.Key, after))
            .Take(request.FetchCount())
            .Select(type => RecordTypeView.Of(type, rows.GetValueOrDefault(type.Key)))
            .ToList()
            .ToPage(request, last => Cursor.Write(caller, List, last.Key));
    }

    // The built-in types come first, in their order; then the account's own types by key.
    private static bool IsAfter(string key, string after)
    {
        var (place, from) = (Place(key), Place(after));
        return place == from ? string.CompareOrdinal(key, after) > 0 : place > from;
    }

    private static int Place(string key) => RecordTypes.BuiltIn.TakeWhile(type => type.Key != key).Count();
}
