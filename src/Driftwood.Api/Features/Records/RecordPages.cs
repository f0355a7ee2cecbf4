using System.Security.Cryptography;
using System.Text;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Store;
using Npgsql;

namespace Driftwood.Api.Features.Records;

/// <summary>Lists of records, page by page, for every route that has one.</summary>
internal static class RecordPages
{
    /// <summary>A page of the records that a query selects, in its order.</summary>
    /// <exception cref="ApiException">422: the cursor is not one of this query.</exception>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public static async Task<Page<StoredRecord>> ListPageAsync(
        this RecordQueries records, RecordQuery query, Caller caller, IPaged page, CancellationToken cancellationToken)
    {
        var list = NameOf(query);
        var after = ReadPlace(Cursor.Read(caller, list, page.Cursor));
        try
        {
            var limit = page.Limit ?? Paging.DefaultLimit;
            var found = await records.ListAsync(query, caller.AccountId, after, limit, cancellationToken);
            var next = found.Last switch
            {
                null => null,
                { Value: { } value, Id: var id } => Cursor.Write(caller, list, id.ToString(), value),
                { Id: var id } => Cursor.Write(caller, list, id.ToString()),
            };
            return new Page<StoredRecord>(found.Records, next);
        }
        catch (PostgresException refused) when (after is not null && refused.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            throw Cursor.Invalid();
        }
    }

    /// <summary>The id and, unless it is blank, the value of the sort field. The value may have line breaks.</summary>
    private static RecordPlace? ReadPlace(string[]? key)
    {
        if (key is null) return null;
        return Guid.TryParse(key[0], out var id) ? new RecordPlace(key.Length > 1 ? string.Join('\n', key.Skip(1)) : null, id)
            : throw Cursor.Invalid();
    }

    // All routes list the same records for the same query, so they accept each other's cursors. Cursors of another filter or order are
    // refused.
    private static string NameOf(RecordQuery query) =>
        $"{query.Type.Key}-list {query.OrderBy.Key} {query.Descending} {NameOf(query.Filter)}";

    /// <summary>A filter's part of the name of a list, which binds its cursors to the filter.</summary>
    public static string NameOf(Filter? filter) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(filter is null ? "" : FilterJson.Write(filter))));
}
