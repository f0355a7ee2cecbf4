using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Security;
using Hangfire;

namespace Driftwood.Api.Work;

/// <summary>Hangfire's pages at <c>/jobs</c>.</summary>
internal static class JobDashboard
{
    /// <summary>
    /// With the Hangfire engine, where an account is named whose administrators may look: the pages show the lanes of all accounts.
    /// Wherever a request comes from it needs a token; a browser is asked for it as the password of HTTP Basic.
    /// </summary>
    public static void MapJobDashboard(this IEndpointRouteBuilder app, JobOptions jobs)
    {
        if (jobs.Engine != JobEngines.Hangfire || jobs.DashboardAccount is not { } account) return;
        app.MapHangfireDashboardWithNoAuthorizationFilters("/jobs", Options())
            .WithMetadata(new RequiredScope(Scopes.Admin), new RequiredAccount(account), new BrowserSignIn())
            .WithName("jobs");
    }

    // Read-only: a lane changed here would change a job without its caller's knowledge; the API pauses and cancels.
    // Pages that change nothing need no tokens against forgery.
    private static DashboardOptions Options() => new()
    {
        DashboardTitle = "Driftwood: lanes",
        AppPath = null,
        IsReadOnlyFunc = _ => true,
        IgnoreAntiforgeryToken = true,
        DisplayStorageConnectionString = false,
    };
}
