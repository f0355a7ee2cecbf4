using System.Text.Json;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.FieldKinds;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Storage;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsCompleteUpload
{
    public static readonly Result Example = new(
        ImportView.Example with
        {
            Status = JobStatus.Uploaded,
            ProcessedRows = 0,
            CreatedCount = 0,
            UpdatedCount = 0,
            SkippedCount = 0,
            FailedCount = 0,
            ColumnMapping = null,
            DuplicateStrategy = null,
            MatchOn = null,
            Mode = null,
            BlankCells = null,
            TagDelimiter = null,
            AddTags = null,
            DateFormat = null,
            DecimalComma = null,
            LinkCompanies = null,
            DryRun = null,
            RowsPerSecond = null,
            EtaSeconds = null,
            StartedAt = null,
        },
        new Preview(
            ["Name", "Email", "Phone", "Company"],
            [["Jane Smith", "jane@example.com", "+1-555-0100", "Acme Corp"]],
            1500,
            new Dictionary<string, string> { ["Name"] = "first_name", ["Email"] = "email", ["Phone"] = "phone", ["Company"] = "company_name" },
            [new AvailableField("first_name", "First Name", FieldKind.Text, false, false), new AvailableField("email", "Email", FieldKind.Email, false, false)],
            new Dictionary<string, double> { ["Name"] = 0.9, ["Email"] = 1, ["Phone"] = 1, ["Company"] = 0.9 },
            new Detected("utf-8", ",", "lf", "none", false, true, null, null, null),
            []));

    internal sealed record Request
    {
        /// <summary>The job_id of imports-request-upload.</summary>
        public required Guid Id { get; init; }

        /// <summary>Overrides what the bytes look like: utf-8, utf-16le, utf-16be or windows-1252.</summary>
        public string? Encoding { get; init; }

        /// <summary>One character; overrides what the file looks like. Tab is "\t".</summary>
        public string? Delimiter { get; init; }

        /// <summary>False where the first record is data; the columns are then Column 1, Column 2, … Default true.</summary>
        public bool? HasHeader { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Encoding).OneOf([.. CsvFormat.Encodings]);
            RuleFor(r => r.Delimiter)
                .Must(text => text is null || (text.Length == 1 && (text[0] == '\t' || text[0] is >= ' ' and <= '~') && text[0] != '"'))
                .WithErrorCode("invalid_delimiter").WithMessage("Expected one ASCII character that is neither a quote nor a line break.");
        }
    }

    internal sealed record Result(ImportView Job, Preview Preview);

    /// <param name="TotalRows">Exact.</param>
    /// <param name="SuggestedMapping">Column to field, for the columns that something fits.</param>
    /// <param name="MappingConfidence">For the same columns: 1 for the field's own name down to 0.5 for values that look like it.</param>
    internal sealed record Preview(
        IReadOnlyList<string> Headers,
        IReadOnlyList<string[]> SampleRows,
        long TotalRows,
        IReadOnlyDictionary<string, string> SuggestedMapping,
        IReadOnlyList<AvailableField> AvailableFields,
        IReadOnlyDictionary<string, double> MappingConfidence,
        Detected Detected,
        IReadOnlyList<FileWarning> Warnings);

    internal sealed record AvailableField(string Value, string Label, FieldKind Kind, bool Required, bool Custom);

    /// <param name="Sheet">Null: spreadsheets are not read.</param>
    /// <param name="DateFormat">
    /// What to confirm as date_format, from all rows of the columns that look like dates; null where none does, or where
    /// their dates can be read two ways (the warning ambiguous_dates) or are a mixture.
    /// </param>
    /// <param name="DecimalComma">The same for decimal_comma; null where no number tells a decimal point from a comma.</param>
    internal sealed record Detected(
        string Encoding, string Delimiter, string LineEnding, string Compression, bool HasBom, bool HasHeader, string? Sheet,
        DateFormat? DateFormat, bool? DecimalComma);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, DriftwoodDb db, UploadStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var job = await db.FindImportAsync(caller, request.Id, cancellationToken);
        var storageKey = RequireFile(job);
        var type = await types.RequireStillAsync(caller, job.RecordType, cancellationToken);
        var overrides = new FileOverrides(request.Encoding, request.Delimiter?[0], request.HasHeader);
        var preview = await ReadAsync(token => store.OpenReadAsync(storageKey, token), overrides, cancellationToken);
        await StoreAsync(db, job, storageKey, preview, clock.GetUtcNow());
        var view = await db.ReadImportAsync(caller, request.Id, clock, cancellationToken);
        return new Result(view, Describe(type, preview));
    }

    private static string RequireFile(Job job) => job switch
    {
        { Status: not (JobStatus.Pending or JobStatus.Uploaded) } => throw ApiException.InvalidState(
            $"The import is {WireJson.Name(job.Status.ToString())}; an upload can be completed only before the import is confirmed."),
        { Import.Upload.StorageKey: { } key } => key,
        _ => throw ApiException.InvalidState("No file has arrived yet; PUT it to the signed URL first."),
    };

    private static async Task<FilePreview> ReadAsync(OpenFile file, FileOverrides overrides, CancellationToken cancellationToken)
    {
        try
        {
            var preview = await FilePreview.ReadAsync(file, overrides, cancellationToken);
            return preview.TotalRows > 0
                ? preview
                : throw new UnreadableFileException("no_rows", "The file has a header but no rows.");
        }
        catch (UnreadableFileException unreadable)
        {
            throw new ApiException(422, unreadable.Code, unreadable.Message);
        }
        catch (FileNotFoundException)
        {
            // Another PUT took the file's place between two readings of it.
            throw Changed();
        }
    }

    /// <summary>Freezes the very object that was read, and keeps how it is read.</summary>
    private static async Task StoreAsync(DriftwoodDb db, Job job, string storageKey, FilePreview preview, DateTimeOffset now)
    {
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        var moved = await db.Jobs
            .Where(j => j.AccountId == job.AccountId && j.Id == job.Id && (j.Status == JobStatus.Pending || j.Status == JobStatus.Uploaded))
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.Status, JobStatus.Uploaded)
                .SetProperty(j => j.TotalCount, preview.TotalRows)
                .SetProperty(j => j.UpdatedAt, now), CancellationToken.None);
        var frozen = await db.Uploads
            .Where(u => u.AccountId == job.AccountId && u.Id == job.Import!.UploadId && u.StorageKey == storageKey)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FrozenAt, u => u.FrozenAt ?? now), CancellationToken.None);
        if (moved == 0 || frozen == 0)
        {
            throw Changed();
        }

        var format = FileFormats.Write(preview.Format);
        string[] headers = [.. preview.Headers];
        await db.Imports.Where(i => i.AccountId == job.AccountId && i.Id == job.Id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(i => i.Format, format)
                .SetProperty(i => i.Headers, headers), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private static ApiException Changed() => ApiException.InvalidState(
        "The import or its file was changed while the upload was being completed; complete it again.");

    private static Preview Describe(RecordType type, FilePreview preview)
    {
        var columns = MappingSuggester.Suggest(type, preview.Headers, preview.SampleRows);
        var suggested = columns.Where(column => column.Field is not null).ToList();
        var cells = SuggestedFormat.Of(type, preview, columns);
        var format = preview.Format.Describe();
        return new Preview(
            preview.Headers,
            preview.SampleRows,
            preview.TotalRows,
            suggested.ToDictionary(column => column.Header, column => column.Field!),
            [.. MappableFields(type).Select(field => new AvailableField(field.Key, field.Label, field.Kind, field.Required, field.IsCustom))],
            suggested.ToDictionary(column => column.Header, column => column.Confidence),
            new Detected(
                format.Encoding, format.Delimiter, format.LineEnding, format.Compression, format.HasBom, format.HasHeader, null,
                cells.Dates, cells.DecimalComma),
            cells.Warning is null ? preview.Warnings : [.. preview.Warnings, cells.Warning]);
    }

    /// <summary>The fields a column may be mapped to, those people know first.</summary>
    public static IEnumerable<Field> MappableFields(RecordType type) =>
        type.Fields.Where(field => !field.IsReadOnly).OrderBy(field => field.Key == "external_id").Append(RecordType.Id);
}
