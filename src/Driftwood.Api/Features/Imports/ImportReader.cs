using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

/// <summary>Imports of the caller's account; another account's answer like ids that never were.</summary>
internal static class ImportReader
{
    public static IQueryable<Job> Imports(this DriftwoodDb db, Caller caller) =>
        db.Jobs.Where(job => job.AccountId == caller.AccountId && job.Kind == JobKind.Import);

    /// <exception cref="ApiException">404.</exception>
    public static async Task<ImportView> ReadImportAsync(
        this DriftwoodDb db, Caller caller, Guid id, TimeProvider clock, CancellationToken cancellationToken)
    {
        var row = await db.Imports(caller).AsNoTracking().Where(job => job.Id == id).Select(ImportView.FromJob).SingleOrDefaultAsync(cancellationToken)
            ?? throw ApiException.NotFound("import", id);
        return row.ToView(clock.GetUtcNow());
    }

    /// <summary>The import as a query for conditional updates.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<IQueryable<Job>> RequireImportAsync(this DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var import = db.Imports(caller).Where(job => job.Id == id);
        return await import.AnyAsync(cancellationToken) ? import : throw ApiException.NotFound("import", id);
    }

    /// <summary>The import's rows as they are now, not tracked.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<Job> FindImportAsync(this DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken) =>
        await db.Imports(caller).AsNoTracking()
            .Include(job => job.Import!.Upload)
            .SingleOrDefaultAsync(job => job.Id == id, cancellationToken)
        ?? throw ApiException.NotFound("import", id);
}
