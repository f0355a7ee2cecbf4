namespace Driftwood.Benchmarks;

/// <summary>How far a job is.</summary>
internal readonly record struct JobProgress(string Status, long Processed);

/// <summary>A job that is paused, resumed and cancelled through the public API.</summary>
internal interface IControlledJob
{
    Task<JobProgress> ReadProgressAsync();

    Task PauseAsync();

    Task ResumeAsync();

    Task CancelAsync();
}
