using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Jobs;

/// <summary>The request of a route about one job.</summary>
internal abstract record JobRequest
{
    public required Guid Id { get; init; }
}

/// <summary>The handlers of the routes that both imports and bulk jobs have. Each returns the job in its new state.</summary>
internal static class JobVerbs<TRequest, TView>
    where TRequest : JobRequest
    where TView : IJobView
{
    public static Task<TView> GetAsync(TRequest request, Caller caller, JobReader<TView> jobs, CancellationToken cancellationToken) =>
        jobs.ReadAsync(caller, request.Id, cancellationToken);

    public static async Task<TView> PauseAsync(
        TRequest request, Caller caller, JobReader<TView> jobs, JobControl control, CancellationToken cancellationToken)
    {
        await control.PauseAsync(await jobs.RequireAsync(caller, request.Id, cancellationToken), cancellationToken);
        return await jobs.ReadAsync(caller, request.Id, cancellationToken);
    }

    /// <summary>In one transaction.</summary>
    public static async Task<TView> ResumeAsync(
        TRequest request, Caller caller, JobReader<TView> jobs, JobControl control, CancellationToken cancellationToken)
    {
        var job = await jobs.RequireAsync(caller, request.Id, cancellationToken);
        await job.RequireScopeAsync(caller, cancellationToken);
        await control.ResumeAsync(job, cancellationToken);
        return await jobs.ReadAsync(caller, request.Id, cancellationToken);
    }

    public static async Task<TView> CancelAsync(
        TRequest request, Caller caller, JobReader<TView> jobs, JobControl control, CancellationToken cancellationToken)
    {
        await control.CancelAsync(await jobs.RequireAsync(caller, request.Id, cancellationToken), cancellationToken);
        return await jobs.ReadAsync(caller, request.Id, cancellationToken);
    }
}
