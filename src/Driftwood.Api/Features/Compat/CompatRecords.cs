using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat;

/// <summary>Records in the order of their creation, the newest first.</summary>
/// <param name="After">The cursor of the records behind these; null where there are none.</param>
/// <param name="Before">The cursor of the records before these; null where there are none.</param>
internal sealed record CompatPage(IReadOnlyList<StoredRecord> Records, string? After, string? Before);

/// <summary>Reads the records that other services' clients know by an id of their own, the external ID.</summary>
internal sealed class CompatRecords(RecordQueries records)
{
    /// <summary>The record with that external ID, or null.</summary>
    public async Task<StoredRecord?> FindAsync(RecordType type, Caller caller, string externalId, CancellationToken cancellationToken)
    {
        if (Equal(type, "external_id", externalId) is not { } filter) return null;
        var page = await records.ListAsync(new RecordQuery(type, filter), caller.AccountId, null, 1, cancellationToken);
        return page.Records.Count == 1 ? page.Records[0] : null;
    }

    /// <summary>A page of the records that have an external ID.</summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="caller">The caller, whose account owns the records.</param>
    /// <param name="conditions">Further conditions; those that are null do not count.</param>
    /// <param name="after">The place before the page; null for the first one.</param>
    /// <param name="before">The place behind the page. It goes before <paramref name="after"/>.</param>
    /// <param name="size">The most records of the page.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    public async Task<CompatPage> ListAsync(
        RecordType type, Caller caller, Filter?[] conditions, RecordPlace? after, RecordPlace? before, int size,
        CancellationToken cancellationToken)
    {
        Filter named = new Comparison(type.Find("external_id")!, FilterOperator.IsNotBlank, []);
        var filter = And.Of([named, .. conditions.OfType<Filter>()]);
        var query = new RecordQuery(type, filter) { Descending = before is null };
        var page = await records.ListAsync(query, caller.AccountId, before ?? after, size, cancellationToken);
        var found = before is null ? page.Records : [.. page.Records.Reverse()];
        var (hasBefore, hasAfter) = before is null ? (after is not null, page.Last is not null) : (page.Last is not null, true);
        string? CursorAt(bool isThere, Index index) =>
            isThere && found.Count > 0 ? Cursor.Write(caller, NameOf(type), found[index].Id.ToString()) : null;
        return new CompatPage(found, CursorAt(hasAfter, ^1), CursorAt(hasBefore, 0));
    }

    /// <summary>The place that a cursor of <see cref="CompatPage"/> means; null without a cursor.</summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="cursor">The cursor.</param>
    /// <param name="member">The member of the request that has it.</param>
    /// <exception cref="ApiException">422.</exception>
    public static RecordPlace? PlaceOf(RecordType type, Caller caller, string? cursor, string member) =>
        Cursor.ReadId(caller, NameOf(type), cursor, member) is { } id ? new RecordPlace(null, id) : null;

    /// <summary>The condition that a match field has a value; null for a blank value, which is equal to nothing.</summary>
    public static Filter? Equal(RecordType type, string key, string? value)
    {
        var field = type.Find(key)!;
        return value is not null && MatchKeys.Of(field.MatchKey!.Value, value) is not null
            ? new Comparison(field, FilterOperator.Eq, [value])
            : null;
    }

    private static string NameOf(RecordType type) => $"compat-{type.Key}";
}
