using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Operations;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Jobs;

/// <summary>The scope that a bulk job needs by its operation. Routes only require one of the scopes for bulk jobs.</summary>
internal static class JobScopes
{
    /// <exception cref="ApiException">403: the token may not make such a job.</exception>
    public static void RequireScopeFor(this Caller caller, OperationName operation) =>
        caller.RequireScopeFor(deletes: operation == OperationName.Delete);

    private static void RequireScopeFor(this Caller caller, bool deletes)
    {
        var scope = deletes ? Scopes.BulkDelete : Scopes.Bulk;
        if (caller.Has(scope)) return;
        var what = deletes ? "may delete" : "does not delete";
        throw ApiException.Forbidden(
            $"A bulk job that {what} needs a token with the scope {scope} or write; this one has: {string.Join(", ", caller.Scopes)}.");
    }

    /// <summary>The same for a job that is to run, or to go on. To pause or cancel it, either scope will do.</summary>
    /// <returns>The same job.</returns>
    /// <exception cref="ApiException">403.</exception>
    public static async Task<IQueryable<Job>> RequireScopeAsync(
        this IQueryable<Job> job, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Has(Scopes.Bulk) && caller.Has(Scopes.BulkDelete)) return job;
        var operation = await job.Select(each => each.BulkJob!.Operation).SingleOrDefaultAsync(cancellationToken);
        // An undo removes what the other job created.
        if (operation is not null) caller.RequireScopeFor(deletes: operation is "delete" or "undo" or "erase");
        return job;
    }
}
