namespace Driftwood.Benchmarks;

/// <summary>The progress of a job.</summary>
internal readonly record struct JobProgress(string Status, long Processed);

/// <summary>A job that can be paused, resumed and cancelled through the public API.</summary>
internal interface IControlledJob
{
    Task<JobProgress> ReadProgressAsync();

    Task PauseAsync();

    Task ResumeAsync();

    Task CancelAsync();
}
