using System.Linq.Expressions;
using System.Text.Json;
using Driftwood.Api.Features.Jobs;
using Driftwood.Data.Model;
using Driftwood.Engine;
using Driftwood.Engine.Imports.Plan;

namespace Driftwood.Api.Features.Imports.Views;

/// <summary>An import as one query reads it.</summary>
internal sealed record ImportRow : JobRow<ImportView>
{
    public required string FileName { get; init; }
    public required string? Confirmation { get; init; }
    public required Guid? SourceJobId { get; init; }
    public required Guid? RetryOf { get; init; }
    public required Guid? ProfileId { get; init; }
    public required int? ProfileVersion { get; init; }

    public static readonly Expression<Func<CountedJob, JobRow<ImportView>>> FromJob = found => new ImportRow
    {
        Job = found.Job,
        CreatedByName = found.Job.Creator!.Name,
        Lanes = found.Lanes,
        FileName = found.Job.Import!.Upload!.FileName,
        Confirmation = found.Job.Import.Confirmation,
        SourceJobId = found.Job.Import.SourceJobId,
        RetryOf = found.Job.Import.RetryOf,
        ProfileId = found.Job.Import.ProfileId,
        ProfileVersion = found.Job.Import.ProfileVersion,
    };

    public override ImportView ToView(DateTimeOffset now)
    {
        var spec = Confirmation is null ? null : JsonSerializer.Deserialize<ImportSpec>(Confirmation, EngineJson.Options);
        var pace = PaceAt(now);
        return new ImportView(
            Job.Id, Job.Status, Job.TotalCount, Sums.Processed, Sums.Created, Sums.Updated, Sums.Skipped, Sums.Failed,
            Job.RecordType, FileName, spec?.ColumnMapping, spec?.ColumnPolicies, spec?.ColumnSettings, spec?.ComputedFields,
            spec?.Constants, spec?.DuplicateStrategy, spec?.MatchOn, spec?.AlsoMatchOn, spec?.Mode, spec?.BlankCells, spec?.TagDelimiter,
            spec?.AddTags, spec?.DateFormat, spec?.DecimalComma, spec?.TwoDigitYears, spec?.PhoneCountry, spec?.NullValues,
            spec?.LinkCompanies, spec?.DryRun, spec?.KeepChanges, SourceJobId, RetryOf, ProfileId, ProfileVersion, Sums.Warned,
            Job.ErrorMessage, pace.RowsPerSecond, pace.EtaSeconds, Job.CreatedBy, CreatedByName, Job.CreatedAt, UpdatedAt,
            Job.StartedAt, Job.CompletedAt);
    }
}
