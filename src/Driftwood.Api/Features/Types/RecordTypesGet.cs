using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Types;

internal static class RecordTypesGet
{
    internal sealed record Request
    {
        public required string Key { get; init; }
    }

    public static async Task<RecordTypeView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog catalog, CancellationToken cancellationToken)
    {
        await using var snapshot = await db.BeginAsync(cancellationToken, System.Data.IsolationLevel.RepeatableRead);
        return await db.ReadTypeAsync(catalog, caller, request.Key, cancellationToken);
    }
}
