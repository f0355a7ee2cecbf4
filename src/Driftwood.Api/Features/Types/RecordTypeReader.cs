using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Types;

/// <summary>Record types of the caller's account. Other accounts' types are answered like keys that never existed.</summary>
internal static class RecordTypeReader
{
    public static IQueryable<CustomRecordType> OwnTypes(this DriftwoodDb db, Caller caller) =>
        db.RecordTypes.Where(type => type.AccountId == caller.AccountId);

    /// <summary>The type in the state that the request's transaction sees.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<RecordTypeView> ReadTypeAsync(
        this DriftwoodDb db, RecordTypeCatalog catalog, Caller caller, string key, CancellationToken cancellationToken)
    {
        var row = await db.OwnTypes(caller).AsNoTracking().SingleOrDefaultAsync(type => type.Key == key, cancellationToken);
        var type = await catalog.FindAsync(db.Connection(), caller.AccountId, key, cancellationToken) ?? throw NotFound(key);
        return RecordTypeView.Of(type, row);
    }

    /// <summary>The type's row, tracked. The type is locked until the transaction ends.</summary>
    /// <exception cref="ApiException">404; 409 for a type that is built in.</exception>
    public static async Task<CustomRecordType> LockTypeAsync(
        this DriftwoodDb db, Caller caller, string key, CancellationToken cancellationToken)
    {
        if (RecordTypes.Find(key) is not null)
        {
            throw new ApiException(ErrorCodes.BuiltIn, $"{key} is built in and cannot be changed or deleted; its custom fields can.");
        }
        await db.LockSchemaAsync(caller, key, cancellationToken);
        return await db.OwnTypes(caller).SingleOrDefaultAsync(type => type.Key == key, cancellationToken) ?? throw NotFound(key);
    }

    // The key is cut, because the caller can send any text.
    public static ApiException NotFound(string key) => ApiException.NotFound("record type", Found.Shorten(key));
}
