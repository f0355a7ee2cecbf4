namespace Driftwood.Data.Model;

/// <summary>The states of a job. Only imports have <c>Uploaded</c> and <c>Expired</c>.</summary>
public enum JobStatus
{
    Pending,
    Uploaded,
    Processing,
    Paused,
    Completed,
    Failed,
    Cancelled,
    Expired,
}

/// <summary>The states of a lane.</summary>
public enum LaneStatus
{
    /// <summary>Nobody may claim the lane until lane 0's worker has prepared the job.</summary>
    Waiting,
    Ready,
    Running,

    /// <summary>The job was paused or cancelled.</summary>
    Stopped,
    Completed,
    Failed,
}

/// <summary>A caller's request to a processing job. Workers read it between chunks.</summary>
public enum ControlRequest
{
    Pause,
    Cancel,
}

/// <summary>The state of the rows that a dry run stores between its chunks.</summary>
public enum DryRunState
{
    Kept,

    /// <summary>Nobody can resume the dry run any more.</summary>
    Removing,
    Removed,
}

/// <summary>An allowed change of state. From is null for the state at creation.</summary>
public readonly record struct Transition<TStatus>(TStatus? From, TStatus To)
    where TStatus : struct, Enum;

/// <summary>
/// Every allowed change of state. SQL and the API use the lower-case names of the enums. Tests compare the statements that change a
/// state, and the diagrams in <c>docs/architecture.md</c>, with these tables.
/// </summary>
public static class Transitions
{
    public static IReadOnlyList<Transition<JobStatus>> OfJobs { get; } =
    [
        // An import waits for its file. A bulk job created with start: false waits for bulk-jobs-start.
        new(null, JobStatus.Pending),
        // A bulk job starts at once. So does an import that reads the file of a dry run again.
        new(null, JobStatus.Processing),
        // imports-complete-upload. It may be repeated with other settings.
        new(JobStatus.Pending, JobStatus.Uploaded),
        new(JobStatus.Uploaded, JobStatus.Uploaded),
        // The upload was not completed in time, or not confirmed in time after that.
        new(JobStatus.Pending, JobStatus.Expired),
        new(JobStatus.Uploaded, JobStatus.Expired),
        // imports-confirm and bulk-jobs-start.
        new(JobStatus.Uploaded, JobStatus.Processing),
        new(JobStatus.Pending, JobStatus.Processing),
        // The last lane has ended: all work is done, a lane failed, or the caller asked for a stop.
        new(JobStatus.Processing, JobStatus.Completed),
        new(JobStatus.Processing, JobStatus.Failed),
        new(JobStatus.Processing, JobStatus.Paused),
        new(JobStatus.Processing, JobStatus.Cancelled),
        // The caller resumes the job, and each lane continues at its cursor. The sweeper resumes failed maintenance jobs.
        new(JobStatus.Paused, JobStatus.Processing),
        new(JobStatus.Failed, JobStatus.Processing),
        // The job is cancelled while no lane runs.
        new(JobStatus.Pending, JobStatus.Cancelled),
        new(JobStatus.Uploaded, JobStatus.Cancelled),
        new(JobStatus.Paused, JobStatus.Cancelled),
        // Retention closes a job before removing it, so that nobody resumes or confirms it meanwhile: an import expires, a bulk job
        // counts as cancelled.
        new(JobStatus.Completed, JobStatus.Expired),
        new(JobStatus.Failed, JobStatus.Expired),
        new(JobStatus.Cancelled, JobStatus.Expired),
        new(JobStatus.Completed, JobStatus.Cancelled),
        new(JobStatus.Failed, JobStatus.Cancelled),
    ];

    public static IReadOnlyList<Transition<LaneStatus>> OfLanes { get; } =
    [
        new(null, LaneStatus.Ready),
        // All lanes except lane 0, if its worker first has to find contested keys or targets.
        new(null, LaneStatus.Waiting),
        // Lane 0's worker has finished the preparation. A lane without rows or targets is completed at once.
        new(LaneStatus.Waiting, LaneStatus.Ready),
        new(LaneStatus.Waiting, LaneStatus.Completed),
        // A worker claims the lane, or takes over a lane whose lease has run out.
        new(LaneStatus.Ready, LaneStatus.Running),
        new(LaneStatus.Running, LaneStatus.Running),
        // The lane is handed back: at shutdown, to another account, while its own is disabled, or because other lanes were opened.
        new(LaneStatus.Running, LaneStatus.Ready),
        // The lane has no more rows or targets, is paused or cancelled, or met an error that no retry fixes.
        new(LaneStatus.Running, LaneStatus.Completed),
        new(LaneStatus.Running, LaneStatus.Stopped),
        new(LaneStatus.Running, LaneStatus.Failed),
        // The job was resumed, or a pause was withdrawn before all lanes had stopped.
        new(LaneStatus.Stopped, LaneStatus.Ready),
        new(LaneStatus.Failed, LaneStatus.Ready),
    ];
}
