using System.Linq.Expressions;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Views;

/// <summary>Reads imports of the caller's account.</summary>
internal sealed class ImportReader(DriftwoodDb db, TimeProvider clock) : JobReader<ImportView>(db, clock)
{
    protected override JobKind Kind => JobKind.Import;

    protected override string Noun => "import";

    protected override Expression<Func<CountedJob, JobRow<ImportView>>> Row => ImportRow.FromJob;

    /// <summary>The import's rows with its upload, not tracked.</summary>
    /// <exception cref="ApiException">404.</exception>
    public async Task<Job> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        await Of(caller).AsNoTracking().Include(job => job.Import!.Upload).SingleOrDefaultAsync(job => job.Id == id, cancellationToken)
        ?? throw NotFound(id);
}
