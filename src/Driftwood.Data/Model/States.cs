namespace Driftwood.Data.Model;

/// <summary>The states of a job. <c>Uploaded</c> and <c>Expired</c> are for imports only.</summary>
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
    /// <summary>Nobody may claim it until lane 0's worker has found out what there is to do.</summary>
    Waiting,
    Ready,
    Running,

    /// <summary>Its job was paused or cancelled.</summary>
    Stopped,
    Completed,
    Failed,
}

/// <summary>A caller's request to a job that is processing. Workers read it between chunks.</summary>
public enum ControlRequest
{
    Pause,
    Cancel,
}

/// <summary>What has become of the rows that a dry run stores between its chunks.</summary>
public enum DryRunState
{
    Kept,

    /// <summary>Nobody can resume it any more.</summary>
    Removing,
    Removed,
}

/// <summary>An allowed change of state. From null: the state in which it is created.</summary>
public readonly record struct Transition<TStatus>(TStatus? From, TStatus To)
    where TStatus : struct, Enum;

/// <summary>
/// Every allowed change of state. All words of states are the lower-case names of the enums, in SQL and on the wire. Tests hold the
/// statements that change a state, and the diagrams in <c>docs/architecture.md</c>, against these tables.
/// </summary>
public static class Transitions
{
    public static IReadOnlyList<Transition<JobStatus>> OfJobs { get; } =
    [
        // An import waits for its file. A bulk job created with start: false waits for bulk-jobs-start.
        new(null, JobStatus.Pending),
        // A bulk job starts at once, and so does an import that reads the file of a dry run again.
        new(null, JobStatus.Processing),
        // imports-complete-upload, which may be repeated with other settings.
        new(JobStatus.Pending, JobStatus.Uploaded),
        new(JobStatus.Uploaded, JobStatus.Uploaded),
        // The signed URL has expired and no upload was completed.
        new(JobStatus.Pending, JobStatus.Expired),
        // imports-confirm and bulk-jobs-start.
        new(JobStatus.Uploaded, JobStatus.Processing),
        new(JobStatus.Pending, JobStatus.Processing),
        // The last lane has ended: all of it is done, a lane failed, or the caller asked for a stop.
        new(JobStatus.Processing, JobStatus.Completed),
        new(JobStatus.Processing, JobStatus.Failed),
        new(JobStatus.Processing, JobStatus.Paused),
        new(JobStatus.Processing, JobStatus.Cancelled),
        // Resumed by the caller, from where each lane stands. Failed maintenance jobs are resumed by the sweeper.
        new(JobStatus.Paused, JobStatus.Processing),
        new(JobStatus.Failed, JobStatus.Processing),
        // Cancelled while no lane runs.
        new(JobStatus.Pending, JobStatus.Cancelled),
        new(JobStatus.Uploaded, JobStatus.Cancelled),
        new(JobStatus.Paused, JobStatus.Cancelled),
        // Retention closes a job before it removes it, so that nobody resumes or confirms it meanwhile: an import expires, a
        // bulk job counts as cancelled.
        new(JobStatus.Completed, JobStatus.Expired),
        new(JobStatus.Failed, JobStatus.Expired),
        new(JobStatus.Cancelled, JobStatus.Expired),
        new(JobStatus.Completed, JobStatus.Cancelled),
        new(JobStatus.Failed, JobStatus.Cancelled),
    ];

    public static IReadOnlyList<Transition<LaneStatus>> OfLanes { get; } =
    [
        new(null, LaneStatus.Ready),
        // All but lane 0, where its worker first has to find contested keys or targets.
        new(null, LaneStatus.Waiting),
        // Lane 0's worker is done with that. A lane without rows or targets is completed at once.
        new(LaneStatus.Waiting, LaneStatus.Ready),
        new(LaneStatus.Waiting, LaneStatus.Completed),
        // A claim; also of a lane whose lease has run out.
        new(LaneStatus.Ready, LaneStatus.Running),
        new(LaneStatus.Running, LaneStatus.Running),
        // Handed back: at shutdown, to another account, while its own is disabled, or since other lanes were opened.
        new(LaneStatus.Running, LaneStatus.Ready),
        // The end of its rows or targets; a pause or cancel; an error that no retry mends.
        new(LaneStatus.Running, LaneStatus.Completed),
        new(LaneStatus.Running, LaneStatus.Stopped),
        new(LaneStatus.Running, LaneStatus.Failed),
        // The job was resumed, or a pause was withdrawn before all lanes had stopped.
        new(LaneStatus.Stopped, LaneStatus.Ready),
        new(LaneStatus.Failed, LaneStatus.Ready),
    ];
}
