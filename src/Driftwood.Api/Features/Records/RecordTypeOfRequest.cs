using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

/// <summary>A request that names its record type.</summary>
internal interface IOfRecordType
{
    string RecordType { get; }
}

/// <summary>A request about one record, on a route of its type.</summary>
internal sealed record RecordIdRequest
{
    public required Guid Id { get; init; }
}

internal static class RecordTypeOfRequest
{
    /// <summary>The type that a request is about.</summary>
    /// <exception cref="ApiException">422.</exception>
    public static Task<RecordType> OfAsync(
        this RecordTypeCatalog types, Caller caller, IOfRecordType request, CancellationToken cancellationToken) =>
        types.RequireAsync(caller, request.RecordType, "record_type", cancellationToken);

    /// <summary>Writes with the current type. Tries once more if the type's fields changed between reading it and writing.</summary>
    public static async Task<T> WriteAsync<T>(Func<Task<RecordType>> read, Func<RecordType, Task<T>> write)
    {
        try
        {
            return await write(await read());
        }
        catch (RecordTypeChangedException)
        {
            return await write(await read());
        }
    }

    /// <summary>The same inside the request's transaction.</summary>
    /// <exception cref="ApiException">422.</exception>
    public static Task<RecordType> OfAsync(
        this RecordTypeCatalog types, DriftwoodDb db, Caller caller, IOfRecordType request, CancellationToken cancellationToken) =>
        types.RequireAsync(db, caller, request.RecordType, "record_type", cancellationToken);

    /// <summary>A built-in type with the account's custom fields, inside the request's transaction.</summary>
    public static async Task<RecordType> OfAsync(
        this RecordTypeCatalog types, DriftwoodDb db, Caller caller, RecordType builtIn, CancellationToken cancellationToken) =>
        await types.FindAsync(db.Connection(), caller.AccountId, builtIn.Key, cancellationToken) ?? builtIn;

    /// <summary>A built-in type with the account's custom fields.</summary>
    public static async Task<RecordType> OfAsync(
        this RecordTypeCatalog types, Caller caller, RecordType builtIn, CancellationToken cancellationToken) =>
        await types.FindAsync(caller.AccountId, builtIn.Key, cancellationToken) ?? builtIn;
}
