using System.Text.Json;

namespace Driftwood.Api.Client;

// The wire's answers as a caller of the public API sees them: only the members the commands use.

/// <param name="SignedUrl">Absolute, or relative to the service's address.</param>
/// <param name="Headers">The headers that the upload must have.</param>
internal sealed record UploadTicket(Guid JobId, Uri SignedUrl, Dictionary<string, string>? Headers);

/// <summary>How a file is read; null leaves a property to the service.</summary>
internal sealed record FileForm(
    string? Encoding = null,
    string? Delimiter = null,
    bool? HasHeader = null,
    int? HeaderRow = null,
    string? RaggedRows = null,
    string? Escape = null,
    string? Quote = null,
    string? Sheet = null);

internal sealed record UploadedFile(ImportState Job, FilePreview Preview);

/// <param name="SuggestedMapping">Column → field; columns that fit nothing are missing or null.</param>
internal sealed record FilePreview(
    IReadOnlyList<string> Headers,
    IReadOnlyList<IReadOnlyList<string>> SampleRows,
    long TotalRows,
    Dictionary<string, string?> SuggestedMapping,
    DetectedFormat? Detected,
    IReadOnlyList<FileWarning>? Warnings,
    IReadOnlyList<AvailableField>? AvailableFields = null);

/// <param name="Value">The key of the field.</param>
internal sealed record AvailableField(string Value, string Kind);

internal sealed record DetectedFormat(
    string? Encoding,
    string? Delimiter,
    string? LineEnding,
    string? Compression,
    int? HeaderRow,
    string? TagDelimiter,
    string? DateFormat,
    bool? DecimalComma,
    string? Sheet = null);

internal sealed record FileWarning(string Code, long? Line, long Count, string Message);

/// <param name="ColumnMapping">Column → field, or an object with the field and its settings; null for a column that is left out.</param>
internal sealed record ProfileState(Guid Id, string Name, string ModelType, Dictionary<string, JsonElement> ColumnMapping);

internal sealed record ImportState(
    Guid Id,
    string Status,
    long? TotalRows,
    long ProcessedRows,
    long CreatedCount,
    long UpdatedCount,
    long SkippedCount,
    long FailedCount,
    long WarningCount,
    bool? DryRun,
    string? ErrorMessage,
    double? RowsPerSecond,
    double? EtaSeconds);

internal sealed record FailedRow(long RowNumber, long? LineNumber, string? Column, string Code, string Message, string? Value);

internal sealed record BulkJobRequest(string EntityType, string Operation, IReadOnlyList<Guid> EntityIds, object? Params);

internal sealed record BulkJobState(
    Guid Id, string Operation, string Status, long TotalCount, long ProcessedCount, long FailedCount, string? ErrorMessage,
    long? KeptCount = null)
{
    public bool HasEnded => Status is "completed" or "failed" or "cancelled";
}

internal sealed record Listed<T>(IReadOnlyList<T> Items, string? NextCursor);

internal sealed record RecordId(Guid Id);
