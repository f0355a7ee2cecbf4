using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Fields;

/// <summary>Custom fields of the caller's account. Other accounts' and deleted fields are answered like unknown ids.</summary>
internal static class FieldReader
{
    public static IQueryable<CustomField> LiveFields(this DriftwoodDb db, Caller caller) =>
        db.Fields.Where(field => field.AccountId == caller.AccountId && field.DeletedAt == null);

    /// <exception cref="ApiException">404.</exception>
    public static async Task<FieldView> ReadFieldAsync(this DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken) =>
        await db.LiveFields(caller).AsNoTracking().Where(field => field.Id == id).Select(FieldView.FromField)
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw NotFound(id);

    /// <summary>The field, tracked. Its record type is locked until the transaction ends.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<CustomField> LockFieldAsync(this DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var fields = db.LiveFields(caller).Where(field => field.Id == id);
        var recordType = await fields.Select(field => field.RecordType).SingleOrDefaultAsync(cancellationToken) ?? throw NotFound(id);
        await db.LockSchemaAsync(caller, recordType, cancellationToken);
        // The field may have been deleted while this waited for the lock.
        return await fields.SingleOrDefaultAsync(cancellationToken) ?? throw NotFound(id);
    }

    private static ApiException NotFound(Guid id) => ApiException.NotFound("field", id);
}
