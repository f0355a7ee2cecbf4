using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Imports.Uploads;

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
            TwoDigitYears = null,
            PhoneCountry = null,
            NullValues = null,
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
            new Dictionary<string, string>
            {
                ["Name"] = "first_name",
                ["Email"] = "email",
                ["Phone"] = "phone",
                ["Company"] = "company_name",
            },
            [
                new AvailableField("first_name", "First Name", FieldKind.Text, false, false),
                new AvailableField("email", "Email", FieldKind.Email, false, false),
            ],
            new Dictionary<string, double> { ["Name"] = 0.9, ["Email"] = 1, ["Phone"] = 1, ["Company"] = 0.9 },
            new Detected("utf-8", ",", "lf", "none", false, true, null, null, null, []),
            []));

    internal sealed record Request
    {
        /// <summary>The job_id of imports-request-upload.</summary>
        public required Guid Id { get; init; }

        /// <summary>The encoding, instead of the detected one: utf-8, utf-16le, utf-16be or windows-1252.</summary>
        public string? Encoding { get; init; }

        /// <summary>The delimiter, instead of the detected one: one character. Tab is "\t".</summary>
        public string? Delimiter { get; init; }

        /// <summary>False if the first record is data. The columns are then Column 1, Column 2, … Default true.</summary>
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

    /// <param name="TotalRows">The exact number of rows.</param>
    /// <param name="SuggestedMapping">Column to field, for the columns with a suggestion.</param>
    /// <param name="MappingConfidence">For the same columns: from 1 for the field's own name to 0.4 for values that look like it.</param>
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

    /// <param name="Sheet">Always null: spreadsheets are not read.</param>
    /// <param name="DateFormat">
    /// The value to confirm as date_format, detected from all rows of the columns that look like dates. Null if no column does, or if the
    /// dates can be read two ways (the warning ambiguous_dates) or are mixed.
    /// </param>
    /// <param name="DecimalComma">The same for decimal_comma; null if no number tells a decimal point from a decimal comma.</param>
    /// <param name="NullValues">
    /// Cells that seem to stand for no value, such as NULL, to confirm as null_values; a warning names each column that has them.
    /// </param>
    internal sealed record Detected(
        string Encoding, string Delimiter, string LineEnding, string Compression, bool HasBom, bool HasHeader, string? Sheet,
        DateFormat? DateFormat, bool? DecimalComma, IReadOnlyList<string> NullValues);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, ImportReader imports, UploadCompletion completion, CancellationToken cancellationToken)
    {
        var job = await imports.FindAsync(caller, request.Id, cancellationToken);
        var overrides = new FileOverrides(request.Encoding, request.Delimiter?[0], request.HasHeader);
        var preview = await completion.CompleteAsync(job, caller, overrides, cancellationToken);
        return new Result(await imports.ReadAsync(caller, request.Id, cancellationToken), preview);
    }
}
