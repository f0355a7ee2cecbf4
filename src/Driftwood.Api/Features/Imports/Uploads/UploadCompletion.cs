using System.Text.Json;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Files.Tables;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;
using Driftwood.Storage;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>An upload that was read.</summary>
/// <param name="Preview">What was found in it.</param>
/// <param name="CertainMapping">Column to field, for the columns with a suggestion that is certain.</param>
/// <param name="UnclearColumns">Columns that have values, and for which no field is suggested with certainty.</param>
internal sealed record CompletedUpload(
    ImportsCompleteUpload.Preview Preview, IReadOnlyDictionary<string, string> CertainMapping, IReadOnlyList<string> UnclearColumns);

/// <summary>Reads an uploaded file and freezes it.</summary>
internal sealed class UploadCompletion(RecordTypeCatalog types, UploadFiles files, DriftwoodDb db, AuditTrail audit, TimeProvider clock)
{
    /// <summary>Reads the whole file, freezes it, and stores its format.</summary>
    /// <param name="job">The import, with its upload.</param>
    /// <param name="http">The request. Its caller's account owns the import.</param>
    /// <param name="overrides">Properties of the file that replace the detected ones.</param>
    /// <param name="maxRows">A file with more rows is refused.</param>
    /// <param name="cancellationToken">Stops the reading. Nothing is changed then.</param>
    /// <exception cref="ApiException">409 when there is no file, or the import is confirmed; 422 when the file cannot be read.</exception>
    public async Task<CompletedUpload> CompleteAsync(
        Job job, HttpContext http, FileOverrides overrides, long maxRows, CancellationToken cancellationToken)
    {
        var storageKey = await RequireFileAsync(job, cancellationToken);
        var type = await types.RequireForImportAsync(Caller.Of(http), job.RecordType, cancellationToken);
        var table = await RefusedAsync(() => files.MakeTableAsync(job, storageKey, overrides, cancellationToken));
        try
        {
            RequireThatFit(overrides, table?.Table);
            return await CompleteAsync(job, http, type, storageKey, table, overrides, maxRows, cancellationToken);
        }
        catch when (table is not null)
        {
            await files.DropAsync(table.Key);
            throw;
        }
    }

    private async Task<CompletedUpload> CompleteAsync(
        Job job, HttpContext http, RecordType type, string storageKey, StoredTable? table, FileOverrides overrides, long maxRows,
        CancellationToken cancellationToken)
    {
        var preview = await RefusedAsync(() => ReadAsync(
            type, token => files.OpenAsync(table?.Key ?? storageKey, token), overrides, maxRows, table?.Table, cancellationToken));
        var columns = MappingSuggester.Suggest(
            type, preview.Headers, preview.SampleRows, column => preview.Forms[column].Values == 0);
        var before = await FittingProfiles.FindMappingAsync(db, job.AccountId, type.Key, preview.Headers, cancellationToken);
        string[] unclear = [.. columns.Index()
            .Where(column => !column.Item.IsCertain && preview.Forms[column.Index].Values > 0).Select(column => column.Item.Header)];
        if (before?.Fields is { } fields && fields.Values.All(field => field is null || IsMappable(type, field)))
        {
            columns = [.. preview.Headers.Select(header => Confirmed(header, fields.GetValueOrDefault(header)))];
            unclear = [];
        }

        var profiles = await FittingProfiles.FindAsync(db, job.AccountId, type.Key, preview.Headers, cancellationToken);
        var cells = SuggestedFormat.Of(type, preview, columns);
        await FreezeAsync(job, http, storageKey, table, preview, SuggestionOf(columns, cells));
        var described = Describe(type, preview, columns, cells, table?.Table.Sheets ?? []);
        var certain = columns.Where(column => column is { Field: not null, IsCertain: true })
            .ToDictionary(column => column.Header, column => column.Field!);
        return new CompletedUpload(described with { Profiles = profiles, ConfirmedBefore = before }, certain, unclear);
    }

    private static bool IsMappable(RecordType type, string field) => MappableFields.Of(type).Any(each => each.Key == field);

    private static SuggestedColumn Confirmed(string header, string? field) => new(header, field, field is null ? 0 : 1);

    // An override that has no meaning for the file is a mistake. It must not be ignored.
    private static void RequireThatFit(FileOverrides overrides, ConvertedTable? table)
    {
        (string Member, bool IsGiven)[] sheet = [("sheet", overrides.Sheet is not null)];
        (string Member, bool IsGiven)[] cells =
        [
            ("delimiter", overrides.Delimiter is not null), ("escape", overrides.Escape is not null),
            ("quote", overrides.Quote is not null),
        ];
        (string Member, bool IsGiven)[] rows =
        [
            ("has_header", overrides.HasHeader is not null), ("header_row", overrides.HeaderRow is not null),
            ("ragged_rows", overrides.RaggedRows is not null),
        ];
        var (members, message) = table switch
        {
            null => (sheet, "The file is no workbook, so it has no sheets."),
            { Origin: not null } => (
                [("encoding", overrides.Encoding is not null), .. cells], "The file is a workbook, whose cells are known: leave it out."),
            _ => ([.. cells, .. rows, .. sheet], "The file is JSON, whose members name the columns: leave it out."),
        };
        Fault[] faults = [.. members.Where(each => each.IsGiven).Select(each => new Fault(each.Member, "conflict", message))];
        if (faults.Length > 0) throw ApiException.Validation(faults);
    }

    private async Task<string> RequireFileAsync(Job job, CancellationToken cancellationToken)
    {
        if (job.Status is not (JobStatus.Pending or JobStatus.Uploaded))
        {
            throw ApiException.InvalidState(
                $"The import is {WireJson.Word(job.Status)}; an upload can be completed only before the import is confirmed.");
        }

        return await files.FindAsync(job, cancellationToken)
            ?? throw ApiException.InvalidState("No file has arrived yet; PUT it to the signed URL first.");
    }

    private static async Task<FilePreview> ReadAsync(
        RecordType type, OpenFile file, FileOverrides overrides, long maxRows, ConvertedTable? table, CancellationToken cancellationToken)
    {
        int KnownNames(IReadOnlyList<string> cells) =>
            MappingSuggester.Suggest(type, cells, []).Count(column => column.IsCertain);
        var preview = await FilePreview.ReadAsync(
            file, overrides, KnownNames, cancellationToken, OddCellReport.Markers, UnknownValues.Concern(type), maxRows, table);
        return preview.TotalRows > 0
            ? preview
            : throw new UnreadableFileException("no_rows", "The file has a header but no rows.");
    }

    private static async Task<T> RefusedAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (UnreadableFileException unreadable)
        {
            throw new ApiException(ErrorCodes.OfFile(unreadable.Code), unreadable.Message);
        }
        catch (FileNotFoundException)
        {
            // Another PUT replaced the file between two readings.
            throw Changed();
        }
    }

    /// <summary>Freezes exactly the object that was read.</summary>
    private async Task FreezeAsync(
        Job job, HttpContext http, string storageKey, StoredTable? table, FilePreview preview, FileSuggestion suggestion)
    {
        var now = clock.GetUtcNow();
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
        if (moved == 0 || frozen == 0) throw Changed();
        if (table is not null) await files.ReadTableAsync(job, table);
        var format = FileFormats.Write(preview.Format with { Suggestion = suggestion });
        string[] headers = [.. preview.Headers];
        await db.Imports.Where(i => i.AccountId == job.AccountId && i.Id == job.Id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(i => i.Format, format)
                .SetProperty(i => i.Headers, headers), CancellationToken.None);
        await audit.NoteAsync(http, job.Id.ToString(), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        // Nothing reads the table that was made before, of this sheet or another one.
        if (table is not null && storageKey != table.Original) await files.DropAsync(storageKey);
    }

    private static ApiException Changed() => ApiException.InvalidState(
        "The import or its file was changed while the upload was being completed; complete it again.");

    private static FileSuggestion SuggestionOf(IReadOnlyList<SuggestedColumn> columns, SuggestedFormat cells)
    {
        var suggested = columns.Where(column => column.Field is not null).ToList();
        return new FileSuggestion
        {
            DateFormat = cells.Dates,
            DecimalComma = cells.DecimalComma,
            ColumnMapping = suggested.ToDictionary(column => column.Header, column => column.Field!),
            DoubtfulColumns = [.. suggested.Where(column => !column.IsCertain).Select(column => column.Header)],
        };
    }

    private static ImportsCompleteUpload.Preview Describe(
        RecordType type, FilePreview preview, IReadOnlyList<SuggestedColumn> columns, SuggestedFormat cells, IReadOnlyList<Sheet> sheets)
    {
        var odd = OddCellReport.Of(type, preview, columns);
        var suggested = columns.Where(column => column.Field is not null).ToList();
        var format = preview.Format.Describe();
        return new ImportsCompleteUpload.Preview(
            preview.Headers,
            preview.SampleRows,
            preview.TotalRows,
            suggested.ToDictionary(column => column.Header, column => column.Field!),
            [.. MappableFields.Of(type).Select(field => new ImportsCompleteUpload.AvailableField(
                field.Key, field.Label, field.Kind, field.Required, field.IsCustom))],
            suggested.ToDictionary(column => column.Header, column => column.Confidence),
            new ImportsCompleteUpload.Detected(
                format.Encoding,
                format.Certainty,
                format.Undecodable,
                format.Delimiter,
                format.Quote,
                format.Escape,
                format.LineEnding,
                format.Compression,
                format.HasBom,
                format.HasHeader,
                format.HeaderRow,
                format.RaggedRows,
                format.Sheet,
                SuggestedTagDelimiter.Of(type, preview, columns),
                cells.Dates,
                cells.DecimalComma,
                odd.NullValues),
            [.. preview.Warnings, .. cells.Warning is null ? [] : new[] { cells.Warning }, .. odd.Warnings],
            sheets,
            UnknownValues.Of(type, preview, columns),
            Profiles: [],
            ConfirmedBefore: null);
    }
}
