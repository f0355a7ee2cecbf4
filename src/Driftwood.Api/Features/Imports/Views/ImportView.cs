using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Api.Features.Jobs;
using Driftwood.Data.Model;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Api.Features.Imports.Views;

/// <summary>An import as callers see it: the documents' members first, in their order.</summary>
/// <param name="SourceJobId">After a dry run: the import that the file was uploaded for.</param>
/// <param name="ProfileId">The profile that it was confirmed with.</param>
/// <param name="ProfileVersion">The version of the profile.</param>
/// <param name="RetryOf">The import whose failed rows this one tries again; null for others.</param>
internal sealed record ImportView(
    Guid Id,
    JobStatus Status,
    long TotalRows,
    long ProcessedRows,
    long CreatedCount,
    long UpdatedCount,
    long SkippedCount,
    long FailedCount,
    string ModelType,
    string FileName,
    IReadOnlyDictionary<string, string>? ColumnMapping,
    IReadOnlyDictionary<string, ColumnPolicy>? ColumnPolicies,
    IReadOnlyDictionary<string, JsonElement>? ColumnSettings,
    IReadOnlyDictionary<string, JsonElement>? ComputedFields,
    IReadOnlyDictionary<string, JsonElement>? Constants,
    DuplicateStrategy? DuplicateStrategy,
    string? MatchOn,
    IReadOnlyList<string>? AlsoMatchOn,
    ImportMode? Mode,
    BlankCells? BlankCells,
    string? TagDelimiter,
    IReadOnlyList<string>? AddTags,
    DateFormat? DateFormat,
    bool? DecimalComma,
    int? TwoDigitYears,
    string? PhoneCountry,
    IReadOnlyList<string>? NullValues,
    LinkCompanies? LinkCompanies,
    bool? DryRun,
    bool? KeepChanges,
    Guid? SourceJobId,
    Guid? RetryOf,
    Guid? ProfileId,
    int? ProfileVersion,
    long WarningCount,
    string? ErrorMessage,
    double? RowsPerSecond,
    long? EtaSeconds,
    Guid CreatedBy,
    string CreatedByName,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt) : IJobView
{
    /// <summary>Warnings about the confirmation. Only imports-confirm and imports-retry return them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>What can be read of the import by GET, with the same token.</summary>
    public ImportLinks Links => ImportLinks.Of(this);

    public static readonly ImportView Example = new(
        Guid.Parse("01977c20-11aa-7b3c-9d4e-5f6071829304"), JobStatus.Processing, 1500, 750, 600, 100, 45, 5,
        "contacts", "leads.csv",
        new Dictionary<string, string> { ["Name"] = "first_name", ["Email"] = "email", ["Phone"] = "phone" },
        new Dictionary<string, ColumnPolicy> { ["Phone"] = ColumnPolicy.FillBlank },
        new Dictionary<string, JsonElement> { ["Name"] = JsonElement.Parse("""{"transforms": ["collapse", "title"]}""") },
        new Dictionary<string, JsonElement>(),
        new Dictionary<string, JsonElement> { ["city"] = JsonElement.Parse("\"Oslo\"") },
        Engine.Imports.Plan.DuplicateStrategy.Merge, "email", ["phone"], ImportMode.Upsert, Engine.Imports.Plan.BlankCells.Keep, ",", [],
        Engine.Records.Text.DateFormat.YearMonthDay, DecimalComma: false, TwoDigitYears: null, PhoneCountry: null, NullValues: [],
        Engine.Imports.Plan.LinkCompanies.None, DryRun: false, KeepChanges: true, SourceJobId: null, RetryOf: null,
        ProfileId: null, ProfileVersion: null, WarningCount: 0, ErrorMessage: null,
        RowsPerSecond: 5000, EtaSeconds: 1,
        Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"), "Jane Smith",
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero), new DateTimeOffset(2025, 6, 15, 14, 31, 0, TimeSpan.Zero),
        new DateTimeOffset(2025, 6, 15, 14, 30, 59, TimeSpan.Zero), CompletedAt: null);
}
