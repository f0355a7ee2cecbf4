using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Fields;

/// <summary>Custom fields of the caller's account; another account's, and deleted ones, answer like ids that never were.</summary>
internal static class FieldReader
{
    public static IQueryable<CustomField> LiveFields(this DriftwoodDb db, Caller caller) =>
        db.Fields.Where(field => field.AccountId == caller.AccountId && field.DeletedAt == null);

    /// <exception cref="ApiException">404.</exception>
    public static async Task<FieldView> ReadFieldAsync(this DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken) =>
        await db.LiveFields(caller).AsNoTracking().Where(field => field.Id == id).Select(FieldView.FromField)
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw NotFound(id);

    /// <summary>The field, tracked, with its record type locked until the transaction ends.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<CustomField> LockFieldAsync(this DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var fields = db.LiveFields(caller).Where(field => field.Id == id);
        var recordType = await fields.Select(field => field.RecordType).SingleOrDefaultAsync(cancellationToken) ?? throw NotFound(id);
        await db.LockSchemaAsync(caller, recordType, cancellationToken);
        // It may have been deleted while the lock was waited for.
        return await fields.SingleOrDefaultAsync(cancellationToken) ?? throw NotFound(id);
    }

    private static ApiException NotFound(Guid id) => ApiException.NotFound("field", id);
}
