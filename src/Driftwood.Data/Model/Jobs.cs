namespace Driftwood.Data.Model;

/// <summary>The kinds of jobs. They are stored under their snake_case names.</summary>
public enum JobKind
{
    Import,
    Bulk,
    /// <summary>Driftwood's own job. It is not listed.</summary>
    Maintenance,
}

/// <summary>The common part of imports and bulk jobs. Counters are the sums over <see cref="Lanes"/>.</summary>
public sealed class Job
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    public JobKind Kind { get; init; }
    /// <summary>Key of the record type, such as <c>contacts</c>.</summary>
    public required string RecordType { get; init; }
    public string? Name { get; init; }
    public JobStatus Status { get; set; }
    /// <summary>The caller's request that workers have not executed yet.</summary>
    public ControlRequest? Control { get; set; }
    /// <summary>The total number of rows or targets.</summary>
    public long TotalCount { get; set; }
    public string? ErrorMessage { get; set; }
    /// <summary>The trace of the request that let the job run, as in the header traceparent; null if it has none.</summary>
    public string? TraceParent { get; set; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
    /// <summary>Null except for dry runs.</summary>
    public DryRunState? DryRunState { get; init; }
    /// <summary>The change log has what records held before, so that the job can be undone.</summary>
    public bool KeepChanges { get; init; } = true;
    public List<Lane> Lanes { get; init; } = [];
    public Import? Import { get; init; }
    public BulkJob? BulkJob { get; init; }
    public User? Creator { get; init; }
}

/// <summary>The part of a job that only imports have. It has the same id as its <see cref="Job"/>.</summary>
public sealed class Import
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    public Guid UploadId { get; init; }
    /// <summary>
    /// After a dry run: the import whose frozen file this one reads again. It is always the import that the file was uploaded for.
    /// </summary>
    public Guid? SourceJobId { get; init; }
    /// <summary>The import whose failed rows this one tries again.</summary>
    public Guid? RetryOf { get; init; }
    /// <summary>JSON: how the file is read (encoding, delimiter, header…).</summary>
    public string? Format { get; set; }
    /// <summary>The column names of the file, made unique.</summary>
    public string[]? Headers { get; set; }
    /// <summary>JSON: the confirmed settings with the defaults filled in.</summary>
    public string? Confirmation { get; set; }
    /// <summary>JSON: the settings as they were given, or come from a profile or an earlier import.</summary>
    public string? Settings { get; set; }
    /// <summary>The profile that the import was confirmed with.</summary>
    public Guid? ProfileId { get; set; }
    /// <summary>The version of the profile.</summary>
    public int? ProfileVersion { get; set; }
    public Job? Job { get; init; }
    public Upload? Upload { get; init; }
}

/// <summary>Settings of imports under a name.</summary>
public sealed class ImportProfile
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    /// <summary>No other profile of the account has it, compared without case.</summary>
    public required string Name { get; set; }
    /// <summary>Key of the record type.</summary>
    public required string ModelType { get; init; }
    /// <summary>JSON: members of imports-confirm as they were given.</summary>
    public required string Settings { get; set; }
    /// <summary>Counts the changes, from 1.</summary>
    public int Version { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public Guid UpdatedBy { get; set; }
}

/// <summary>The part of a job that only bulk jobs have. It has the same id as its <see cref="Job"/>.</summary>
public sealed class BulkJob
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    public required string Operation { get; init; }
    /// <summary>The ids as the caller gave them, in their order; null if the caller named the records in another way.</summary>
    public Guid[]? EntityIds { get; init; }
    /// <summary>The external IDs as the caller gave them, in their order.</summary>
    public string[]? ExternalIds { get; init; }
    /// <summary>JSON: the filter as the caller gave it.</summary>
    public string? Filter { get; init; }
    /// <summary>The filter as text, as the caller gave it.</summary>
    public string? Query { get; init; }
    /// <summary>The required number of targets. With any other number, the job changes nothing.</summary>
    public long? ExpectedCount { get; init; }
    /// <summary>The job's first step still has to find the targets.</summary>
    public bool ToFreeze { get; init; }
    /// <summary>JSON object.</summary>
    public required string Params { get; init; }
    /// <summary>The job that an undo takes back.</summary>
    public Guid? UndoesJobId { get; init; }
    public Job? Job { get; init; }
}

/// <summary>
/// A job's share of work, run by one worker at a time. Only the engine writes it, except for the lanes that a caller's create,
/// confirm or resume makes ready.
/// </summary>
public sealed class Lane
{
    public Guid AccountId { get; init; }
    public Guid JobId { get; init; }
    /// <summary>The lane's number, from 0.</summary>
    public int Number { get; init; }
    public required LaneStatus Status { get; set; }
    public long Cursor { get; init; }
    public long Fence { get; init; }
    public DateTimeOffset? LeasedUntil { get; init; }
    public string? Owner { get; init; }
    public int Attempts { get; set; }
    public int Retries { get; set; }
    public long Processed { get; init; }
    public long Created { get; init; }
    public long Updated { get; init; }
    public long Deleted { get; init; }
    public long Skipped { get; init; }
    public long Failed { get; init; }
    /// <summary>The created or updated rows that have a warning.</summary>
    public long Warned { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A file that a signed URL was issued for.</summary>
public sealed class Upload
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    public required string FileName { get; init; }
    public required string ContentType { get; init; }
    public long MaxBytes { get; init; }
    /// <summary>The token that requested it.</summary>
    public Guid? TokenId { get; init; }
    /// <summary>The name of the stored object. It is null until a PUT succeeds, and fixed once <see cref="FrozenAt"/> is set.</summary>
    public string? StorageKey { get; set; }
    /// <summary>
    /// The stored object that was uploaded, if <see cref="StorageKey"/> names the table that was made of it. It is removed some time after
    /// an import was confirmed.
    /// </summary>
    public string? OriginalKey { get; set; }
    /// <summary>The bytes of the table that was made of the file, if there is one.</summary>
    public long? TableLength { get; set; }
    public long? ByteLength { get; set; }
    public byte[]? Sha256 { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? StoredAt { get; set; }
    public DateTimeOffset? FrozenAt { get; set; }
}

/// <summary>The stored file with the results of all rows of an import that has ended.</summary>
public sealed class Receipt
{
    public Guid AccountId { get; init; }
    public Guid JobId { get; init; }
    public required string StorageKey { get; init; }
    public long ByteLength { get; init; }
    public required byte[] Sha256 { get; init; }
    /// <summary>The processed rows of the import when it was made. A failed import may go on.</summary>
    public long ProcessedCount { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One failed row of an import.</summary>
public sealed class RowError
{
    public Guid AccountId { get; init; }
    public Guid JobId { get; init; }
    /// <summary>The number among the data records, from 1; header and blank lines are not counted.</summary>
    public long RowNumber { get; init; }
    /// <summary>Physical line of the file, from 1.</summary>
    public long LineNumber { get; init; }
    public string? ColumnName { get; init; }
    public string? Field { get; init; }
    public required string Code { get; init; }
    public required string Message { get; init; }
    public string? Value { get; init; }
    /// <summary>A JSON array of the row's other bad columns.</summary>
    public string? Also { get; init; }
    /// <summary>The record's cells as they were in the file, in UTF-8. A record without the file's columns is stored as one cell.</summary>
    public required byte[][] Cells { get; init; }
}

/// <summary>One row of an import that was applied only in part.</summary>
public sealed class RowWarning
{
    public Guid AccountId { get; init; }
    public Guid JobId { get; init; }
    /// <summary>The number among the data records, from 1; header and blank lines are not counted.</summary>
    public long RowNumber { get; init; }
    /// <summary>Physical line of the file, from 1.</summary>
    public long LineNumber { get; init; }
    public string? ColumnName { get; init; }
    public required string Field { get; init; }
    public required string Code { get; init; }
    public required string Message { get; init; }
    public required string Value { get; init; }
    /// <summary>JSON: the other cells of the row that were kept only in part; null if there are none.</summary>
    public string? Also { get; init; }
}

/// <summary>One record that a bulk job could not change.</summary>
public sealed class TargetFailure
{
    public Guid AccountId { get; init; }
    public Guid JobId { get; init; }
    /// <summary>The place in the caller's list, from 0.</summary>
    public long TargetIndex { get; init; }
    public Guid? RecordId { get; init; }
    /// <summary>The external ID, if the target was named by it.</summary>
    public string? ExternalId { get; init; }
    public required string Code { get; init; }
    public required string Message { get; init; }
}

/// <summary>A job that removes the values of a deleted field from the records. It has the same id as its <see cref="Job"/>.</summary>
public sealed class MaintenanceJob
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    /// <summary>The deleted field. Its row is removed last.</summary>
    public Guid FieldId { get; init; }
    public Job? Job { get; init; }
}

/// <summary>A batch of Fulcrum's clients that has no operation yet. With its operation it becomes the bulk job of the same id.</summary>
public sealed class DraftBatch
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public User? Creator { get; init; }
}
