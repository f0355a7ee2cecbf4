using System.Text.Json;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

/// <summary>A request that selects records by a filter, or by a query, which is a filter as text. Without both, it selects all.</summary>
internal interface ISelects
{
    JsonElement? Filter { get; }

    string? Query { get; }
}

internal static class Selections
{
    /// <summary>The filter of a request, checked against the type's fields.</summary>
    /// <exception cref="ApiException">422 with all faults.</exception>
    public static Task<Filter?> ReadAsync(
        this ISelects request, RecordType type, RecordTypeCatalog types, Caller caller, CancellationToken cancellationToken) =>
        ReadAsync(request, type, () => types.ListAsync(caller.AccountId, cancellationToken));

    /// <summary>The same inside the request's transaction, on its connection.</summary>
    /// <exception cref="ApiException">422 with all faults.</exception>
    public static Task<Filter?> ReadAsync(
        this ISelects request, RecordType type, RecordTypeCatalog types, DriftwoodDb db, Caller caller,
            CancellationToken cancellationToken) =>
        ReadAsync(request, type, () => types.ListAsync(db.Connection(), caller.AccountId, cancellationToken));

    private static async Task<Filter?> ReadAsync(ISelects request, RecordType type, Func<Task<IReadOnlyList<RecordType>>> listTypes)
    {
        if (IsGiven(request.Filter) && request.Query is not null)
        {
            throw ApiException.Validation(
                "query", "conflict", "Found filter and query, expected one of them: they say the same in two ways.");
        }

        return request.Query is { } text ? FromText(text, type, await listTypes()) : request.Filter.ReadFilter(type);
    }

    /// <summary>A filter that may be left out, checked against the type's fields.</summary>
    /// <exception cref="ApiException">422 with all faults.</exception>
    public static Filter? ReadFilter(this JsonElement? filter, RecordType type)
    {
        if (!IsGiven(filter)) return null;
        List<Fault> faults = [];
        return FilterJson.Read(type, filter!.Value, faults) ?? throw ApiException.Validation(faults);
    }

    private static bool IsGiven(JsonElement? member) => member is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    private static Filter? FromText(string text, RecordType type, IReadOnlyList<RecordType> types)
    {
        var query = QueryText.Read(text, types, type, out var fault);
        return fault is null ? query!.Filter : throw ApiException.Validation("query", QueryFault.Code, fault.Message, fault.Accepted);
    }
}
