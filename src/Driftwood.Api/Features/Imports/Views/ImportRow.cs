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
    public required long Created { get; init; }
    public required long Updated { get; init; }
    public required long Skipped { get; init; }
    public required long Warned { get; init; }

    public static readonly Expression<Func<Job, JobRow<ImportView>>> FromJob = job => new ImportRow
    {
        Job = job,
        CreatedByName = job.Creator!.Name,
        Processed = job.Lanes.Sum(lane => lane.Processed),
        Created = job.Lanes.Sum(lane => lane.Created),
        Updated = job.Lanes.Sum(lane => lane.Updated),
        Skipped = job.Lanes.Sum(lane => lane.Skipped),
        Failed = job.Lanes.Sum(lane => lane.Failed),
        Warned = job.Lanes.Sum(lane => lane.Warned),
        LanesUpdatedAt = job.Lanes.Max(lane => (DateTimeOffset?)lane.UpdatedAt),
        FileName = job.Import!.Upload!.FileName,
        Confirmation = job.Import.Confirmation,
        SourceJobId = job.Import.SourceJobId,
        RetryOf = job.Import.RetryOf,
        ProfileId = job.Import.ProfileId,
        ProfileVersion = job.Import.ProfileVersion,
    };

    public override ImportView ToView(DateTimeOffset now)
    {
        var spec = Confirmation is null ? null : JsonSerializer.Deserialize<ImportSpec>(Confirmation, EngineJson.Options);
        var pace = PaceAt(now);
        return new ImportView(
            Job.Id, Job.Status, Job.TotalCount, Processed, Created, Updated, Skipped, Failed, Job.RecordType, FileName,
            spec?.ColumnMapping, spec?.ColumnPolicies, spec?.ColumnSettings, spec?.ComputedFields, spec?.Constants,
            spec?.DuplicateStrategy, spec?.MatchOn, spec?.AlsoMatchOn, spec?.Mode, spec?.BlankCells, spec?.TagDelimiter, spec?.AddTags,
            spec?.DateFormat, spec?.DecimalComma, spec?.TwoDigitYears, spec?.PhoneCountry, spec?.NullValues,
            spec?.LinkCompanies, spec?.DryRun, spec?.KeepChanges, SourceJobId, RetryOf, ProfileId, ProfileVersion, Warned, Job.ErrorMessage,
            pace.RowsPerSecond, pace.EtaSeconds, Job.CreatedBy, CreatedByName, Job.CreatedAt, UpdatedAt, Job.StartedAt, Job.CompletedAt);
    }
}
