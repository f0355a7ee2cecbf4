using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Encodings;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Files.Tables;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports.Uploads;

internal static class ImportsCompleteUpload
{
    /// <summary>More lines than this above a table are no titles.</summary>
    private const int MaxHeaderRow = 10_000;

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
            new Detected(
                "utf-8", 1, 0, ",", "\"", "\"", "lf", "none", HasBom: false, HasHeader: true, 1, RaggedRows.Pad, Sheet: null,
                TagDelimiter: null, DateFormat: null, DecimalComma: null, NullValues: []),
            [],
            [],
            [new UnknownValues("Level", "level", [new UnknownValue("Gld", 12, "Gold")], Incomplete: false)],
            [new FittingProfile(
                Guid.Parse("01977c2b-5a3c-7f10-9b2e-3d4c5b6a7988"), "Weekly leads", 1, ProfileFit.Partial, [], ["Phone", "Company"])],
            ConfirmedBefore: null));

    internal sealed record Request : FileReading
    {
        /// <summary>The job_id of imports-request-upload.</summary>
        public required Guid Id { get; init; }
    }

    /// <summary>How a file is read, where the caller says so.</summary>
    internal abstract record FileReading
    {
        /// <summary>
        /// The encoding, instead of the detected one: utf-8, utf-16le, utf-16be, windows-1250 to windows-1258, iso-8859-1 to iso-8859-15,
        /// shift_jis, gb18030, big5, euc-kr, macintosh, or the name of any other code page.
        /// </summary>
        public string? Encoding { get; init; }

        /// <summary>The delimiter, instead of the detected one: one character. Tab is "\t".</summary>
        public string? Delimiter { get; init; }

        /// <summary>
        /// False if the table's first record is data. The columns are then Column 1, Column 2, … Detected by default.
        /// </summary>
        public bool? HasHeader { get; init; }

        /// <summary>
        /// The number of the record at which the table begins, instead of the detected one. Records are counted from 1, and blank lines
        /// count. The records above it are not read.
        /// </summary>
        public int? HeaderRow { get; init; }

        /// <summary>
        /// How a row with fewer cells than the header is treated. pad (the default): the missing cells at its end are blank. fail: the row
        /// fails. A row of one cell always fails if the header has several cells.
        /// </summary>
        public RaggedRows? RaggedRows { get; init; }

        /// <summary>
        /// The character that escapes a quote inside a quoted cell, instead of the detected one: "\"" (quotes are doubled) or "\\". A
        /// backslash also escapes delimiters, line breaks and backslashes.
        /// </summary>
        public string? Escape { get; init; }

        /// <summary>
        /// The sign around quoted cells, instead of the detected one: "\"" or "'". With either, quotes around a whole line belong to a
        /// cell.
        /// </summary>
        public string? Quote { get; init; }

        /// <summary>
        /// The sheet of a workbook: its name, or its number from 1 if no sheet has that name. By default the first sheet that is not
        /// hidden.
        /// </summary>
        public string? Sheet { get; init; }

        /// <summary>The properties of the file that are given here.</summary>
        public FileOverrides ToOverrides() => new(
            Encoding, Delimiter?[0], HasHeader, HeaderRow, RaggedRows, Escape?[0], Quote?[0], Sheet);
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new ReadingRules());
    }

    internal sealed class ReadingRules : AbstractValidator<FileReading>
    {
        public ReadingRules()
        {
            RuleFor(r => r.Encoding)
                .Must(name => name is null || TextEncodings.NameOf(name) is not null)
                .WithErrorCode("invalid_choice")
                .WithMessage((_, name) => $"Found {Found.Describe(name!)}, expected one of {string.Join(", ", TextEncodings.Common)} "
                    + "or another code page.")
                .WithState(_ => TextEncodings.Common);
            RuleFor(r => r.HeaderRow).InclusiveBetween(1, MaxHeaderRow);
            RuleFor(r => r.Sheet).NotEmpty().When(r => r.Sheet is not null).MaximumLength(255);
            RuleFor(r => r.Escape).OneOf(["\"", "\\"]);
            RuleFor(r => r.Quote).OneOf(["\"", "'"]);
            RuleFor(r => r.Delimiter)
                .Must((request, text) => text is null
                    || (text is ['\t' or (>= ' ' and <= '~' and not '"')] && text != request.Quote))
                .WithErrorCode("invalid_delimiter").WithMessage("Expected one ASCII character that is neither a quote nor a line break.");
        }
    }

    internal sealed record Result(ImportView Job, Preview Preview);

    /// <param name="TotalRows">The exact number of rows.</param>
    /// <param name="SuggestedMapping">Column to field, for the columns with a suggestion.</param>
    /// <param name="MappingConfidence">For the same columns: from 1 for the field's own name to 0.4 for values that look like it.</param>
    /// <param name="Profiles">The account's profiles whose columns fit the file, at most 10, the best first.</param>
    /// <param name="ConfirmedBefore">
    /// The mapping that the account's last two imports of the same columns had, if it was the same. Where it says no more than a field for
    /// each column, suggested_mapping is this mapping.
    /// </param>
    /// <param name="UnknownValues">
    /// The columns whose suggested field has options, and of whose values some are none: at most 100 values a column.
    /// </param>
    /// <param name="Sheets">The sheets of a workbook in their order; none for other files.</param>
    internal sealed record Preview(
        IReadOnlyList<string> Headers,
        IReadOnlyList<string[]> SampleRows,
        long TotalRows,
        IReadOnlyDictionary<string, string> SuggestedMapping,
        IReadOnlyList<AvailableField> AvailableFields,
        IReadOnlyDictionary<string, double> MappingConfidence,
        Detected Detected,
        IReadOnlyList<FileWarning> Warnings,
        IReadOnlyList<Sheet> Sheets,
        IReadOnlyList<UnknownValues> UnknownValues,
        IReadOnlyList<FittingProfile> Profiles,
        ConfirmedBefore? ConfirmedBefore);

    internal sealed record AvailableField(string Value, string Label, FieldKind Kind, bool Required, bool Custom);

    /// <param name="EncodingConfidence">
    /// How certain the detected encoding is, from 0 to 1; null if the caller gave it. 1: the file says it, or is UTF-8.
    /// </param>
    /// <param name="Undecodable">Places that are not text in the encoding. Their cells fail with invalid_characters.</param>
    /// <param name="Quote">The sign around quoted cells: a double quote or a single one.</param>
    /// <param name="Escape">The character that escapes a quote inside a quoted cell: a quote or a backslash.</param>
    /// <param name="HeaderRow">The record that names the columns, from 1, blank lines counted; null without a header.</param>
    /// <param name="RaggedRows">How rows with fewer cells than the header are treated: pad or fail.</param>
    /// <param name="Sheet">The sheet of a workbook that was read; null for other files.</param>
    /// <param name="TagDelimiter">The value to confirm as tag_delimiter, found in the values; null if they show none.</param>
    /// <param name="DateFormat">
    /// The date_format that a confirm without one takes, detected from all rows of the columns that look like dates. Null if no column
    /// does, or if the dates can be read two ways (the warning ambiguous_dates) or are mixed.
    /// </param>
    /// <param name="DecimalComma">The same for decimal_comma; null if no number tells a decimal point from a decimal comma.</param>
    /// <param name="NullValues">
    /// Cells that seem to stand for no value, such as NULL, to confirm as null_values; a warning names each column that has them.
    /// </param>
    internal sealed record Detected(
        string Encoding,
        double? EncodingConfidence,
        long Undecodable,
        string Delimiter,
        string Quote,
        string Escape,
        string LineEnding,
        string Compression,
        bool HasBom,
        bool HasHeader,
        int? HeaderRow,
        RaggedRows RaggedRows,
        string? Sheet,
        string? TagDelimiter,
        DateFormat? DateFormat,
        bool? DecimalComma,
        IReadOnlyList<string> NullValues);

    public static async Task<Result> HandleAsync(
        Request request, HttpContext http, Caller caller, ImportReader imports, UploadCompletion completion,
        IOptions<DriftwoodOptions> options, CancellationToken cancellationToken)
    {
        var job = await imports.FindAsync(caller, request.Id, cancellationToken);
        var completed = await completion.CompleteAsync(
            job, http, request.ToOverrides(), options.Value.Jobs.MaxImportRows, cancellationToken);
        return new Result(await imports.ReadAsync(caller, request.Id, cancellationToken), completed.Preview);
    }
}
