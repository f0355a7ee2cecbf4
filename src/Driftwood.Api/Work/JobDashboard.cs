using System.Globalization;
using System.Net;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Hangfire;
using Hangfire.Dashboard;

namespace Driftwood.Api.Work;

/// <summary>Hangfire's pages at <c>/jobs</c>.</summary>
internal static class JobDashboard
{
    // Once a process: Hangfire keeps what its pages show in a static.
    static JobDashboard() => GlobalConfiguration.Configuration.UseJobDetailsRenderer(0, RenderProgress);

    /// <summary>
    /// Maps the pages where Hangfire runs lanes and an account is named whose administrators may look: they show the lanes of all
    /// accounts. A request needs a token wherever it comes from; a browser is asked for it as the password of HTTP Basic.
    /// </summary>
    public static void MapHangfireDashboard(this IEndpointRouteBuilder app, JobOptions jobs)
    {
        if (jobs.Engine != JobEngines.Hangfire || jobs.DashboardAccount is not { } account) return;
        app.MapHangfireDashboardWithNoAuthorizationFilters("/jobs", Options())
            .WithMetadata(new RequiredScope(Scopes.Admin), new RequiredAccount(account), new BrowserSignIn())
            .WithName("jobs");
    }

    // The pages are read-only: a command would change lanes without their callers' knowledge, and the API pauses and cancels jobs.
    // With nothing to forge, tokens against forgery have no use.
    private static DashboardOptions Options() => new()
    {
        DashboardTitle = "Driftwood: lanes",
        AppPath = null,
        IsReadOnlyFunc = _ => true,
        IgnoreAntiforgeryToken = true,
        DisplayStorageConnectionString = false,
    };

    /// <summary>Shows on a ticket's page how far the job is that it was queued for.</summary>
    private static NonEscapedString RenderProgress(JobDetailsRendererDto page)
    {
        if (page.JobDetails.Job?.Args is not [Guid account, Guid id, ..]) return new NonEscapedString("");
        using var scope = page.Page.Context.GetHttpContext().RequestServices.CreateScope();
        var job = scope.ServiceProvider.GetRequiredService<DriftwoodDb>().Jobs
            .Where(job => job.AccountId == account && job.Id == id)
            .Select(job => new { job.Kind, job.Status, job.TotalCount, Processed = job.Lanes.Sum(lane => lane.Processed) })
            .FirstOrDefault();
        var text = job is null
            ? "The job is gone."
            : string.Create(CultureInfo.InvariantCulture, $"{job.Kind}, {job.Status}: {job.Processed:N0} of {job.TotalCount:N0}");
        return new NonEscapedString($"<h3>Job</h3><p>{WebUtility.HtmlEncode(text)}</p>");
    }
}
