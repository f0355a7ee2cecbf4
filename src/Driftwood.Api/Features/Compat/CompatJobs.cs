using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.Compat;

/// <summary>
/// Creates the bulk jobs that the clients of other services ask for, by the rules of <c>bulk-jobs-create</c>. Only
/// <c>expected_count</c> is never required, since those clients do not know it.
/// </summary>
internal sealed class CompatJobs(BulkJobCreator creator, BulkJobReader jobs, DriftwoodDb db)
{
    /// <summary>Checks a request and creates its job, in the request's transaction.</summary>
    /// <param name="http">The call under way.</param>
    /// <param name="request">The translated request.</param>
    /// <param name="given">The job's id and time of creation; null for new ones.</param>
    /// <returns>The job, without its ids.</returns>
    /// <exception cref="ApiException">409, 422 or 429, with the members of <paramref name="request"/>.</exception>
    public async Task<BulkJobView> CreateAsync(HttpContext http, BulkJobsCreate.Request request, GivenJob? given = null)
    {
        var cancellationToken = http.RequestAborted;
        var call = new RpcCall(default, request, []);
        var problems = await ValidationFilter.FindProblemsAsync(http, call, cancellationToken, db.Connection());
        if (problems.Count > 0) throw ApiException.Validation(problems);
        var caller = Caller.Of(http);
        var created = await creator.CreateAsync(request, caller, cancellationToken, given, needsNoCount: true);
        return await jobs.ReadWithoutIdsAsync(caller, created, cancellationToken);
    }
}
