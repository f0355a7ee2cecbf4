using System.Text.Json;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

/// <summary>
/// The imports of one upload: the import that the file was uploaded for, and the imports confirmed after a dry run. Each has its own
/// settings. They run one after the other; only the last one may be a real import.
/// </summary>
internal sealed class ImportFamily
{
    private readonly IReadOnlyList<Job> _jobs;

    private ImportFamily(IReadOnlyList<Job> jobs) => _jobs = jobs;

    /// <summary>The import that the file was uploaded for.</summary>
    public Job Uploaded => _jobs.Single(job => job.Import!.SourceJobId is null);

    /// <summary>
    /// Finds the family of any of its imports, and locks it for the rest of the transaction. Meanwhile nobody else can confirm an import,
    /// or complete the upload again, so the columns that are checked here cannot change.
    /// </summary>
    /// <exception cref="ApiException">404; 409 when there is no file to import.</exception>
    public static async Task<ImportFamily> LockAsync(
        ImportReader imports, DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var member = await imports.Of(caller).Where(job => job.Id == id)
            .Select(job => new { job.Import!.UploadId, UploadedFor = job.Import.SourceJobId ?? job.Id })
            .SingleOrDefaultAsync(cancellationToken) ?? throw ApiException.NotFound("import", id);
        await db.Database.ExecuteSqlAsync(
            $"select 1 from jobs where account_id = {caller.AccountId} and id = {member.UploadedFor} for no key update", cancellationToken);
        var jobs = await imports.Of(caller).AsNoTracking().Include(job => job.Import)
            .Where(job => job.Import!.UploadId == member.UploadId).OrderBy(job => job.Id).ToListAsync(cancellationToken);
        var family = new ImportFamily(jobs);
        var uploaded = family.Uploaded;
        var hasNoFile = uploaded is { Status: JobStatus.Pending or JobStatus.Expired }
            or { Status: JobStatus.Cancelled, Import.Confirmation: null };
        return !hasNoFile
            ? family
            : throw ApiException.InvalidState(
                $"The import is {WireJson.Word(uploaded.Status)}; only one whose upload is completed can be confirmed.");
    }

    /// <summary>
    /// The import that was confirmed with these settings, or null. A dry run that ended early and cannot be resumed is ignored.
    /// </summary>
    public Job? Find(ImportSpec spec)
    {
        var settings = JsonSerializer.SerializeToElement(spec, EngineJson.Options);
        bool IsSame(ImportSpec earlier) => JsonElement.DeepEquals(JsonSerializer.SerializeToElement(earlier, EngineJson.Options), settings);
        return _jobs.FirstOrDefault(job => !IsBrokenOff(job) && SpecOf(job) is { } earlier && IsSame(earlier));
    }

    /// <summary>
    /// Starts an import with settings that no other import has: the import that the file was uploaded for or, if that one was already
    /// started, a new one on the same file. The caller adds its lanes.
    /// </summary>
    /// <returns>The import's id.</returns>
    /// <exception cref="ApiException">409 after an import that is no dry run, or while a dry run has not ended.</exception>
    public async Task<Guid> StartAsync(
        DriftwoodDb db, ImportSpec spec, StoredSettings given, Guid user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        RequireFree();
        var settings = given.Members.ToJsonString(WireJson.Options);
        var confirmation = JsonSerializer.Serialize(spec, EngineJson.Options);
        DryRunState? dryRunState = spec.DryRun ? DryRunState.Kept : null;
        if (Uploaded.Import!.Confirmation is not null)
        {
            var next = Next(spec, confirmation, dryRunState, given, user, now);
            db.Jobs.Add(next);
            return next.Id;
        }

        var trace = LaneTraces.Current;
        await db.Jobs
            .Where(j => j.AccountId == Uploaded.AccountId && j.Id == Uploaded.Id && j.Status == JobStatus.Uploaded)
            .ExecuteUpdateAsync(set => set
                .SetProperty(j => j.Status, JobStatus.Processing)
                .SetProperty(j => j.DryRunState, dryRunState)
                .SetProperty(j => j.KeepChanges, spec.KeepChanges)
                .SetProperty(j => j.TraceParent, trace)
                .SetProperty(j => j.StartedAt, now)
                .SetProperty(j => j.UpdatedAt, now), cancellationToken);
        await db.Imports.Where(i => i.AccountId == Uploaded.AccountId && i.Id == Uploaded.Id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(i => i.Confirmation, confirmation)
                .SetProperty(i => i.Settings, settings)
                .SetProperty(i => i.ProfileId, given.ProfileId)
                .SetProperty(i => i.ProfileVersion, given.ProfileVersion), cancellationToken);
        return Uploaded.Id;
    }

    private void RequireFree()
    {
        foreach (var job in _jobs)
        {
            if (SpecOf(job) is not { } earlier) continue;
            if (!earlier.DryRun)
            {
                throw ApiException.InvalidState($"This upload was confirmed before, with other settings; its import {job.Id} keeps those.");
            }

            if (job.Status is JobStatus.Processing or JobStatus.Paused)
            {
                var status = WireJson.Word(job.Status);
                throw ApiException.InvalidState(
                    $"The dry run {job.Id} of this upload is {status}, with other settings; wait for its end, or cancel it.");
            }
        }
    }

    private Job Next(
        ImportSpec spec, string confirmation, DryRunState? dryRunState, StoredSettings given, Guid user, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new Job
        {
            AccountId = Uploaded.AccountId,
            Id = id,
            Kind = JobKind.Import,
            RecordType = Uploaded.RecordType,
            Status = JobStatus.Processing,
            TotalCount = Uploaded.TotalCount,
            DryRunState = dryRunState,
            KeepChanges = spec.KeepChanges,
            TraceParent = LaneTraces.Current,
            CreatedBy = user,
            CreatedAt = now,
            UpdatedAt = now,
            StartedAt = now,
            Import = new Import
            {
                AccountId = Uploaded.AccountId,
                Id = id,
                UploadId = Uploaded.Import!.UploadId,
                SourceJobId = Uploaded.Id,
                Format = Uploaded.Import.Format,
                Headers = Uploaded.Import.Headers,
                Confirmation = confirmation,
                Settings = given.Members.ToJsonString(WireJson.Options),
                ProfileId = given.ProfileId,
                ProfileVersion = given.ProfileVersion,
            },
        };
    }

    private static bool IsBrokenOff(Job job) =>
        SpecOf(job) is { DryRun: true }
        && job is { Status: JobStatus.Cancelled } or { Status: JobStatus.Failed, DryRunState: not DryRunState.Kept };

    /// <summary>The confirmed settings; null before the confirmation.</summary>
    /// <remarks>Parsed, not compared as text: a confirmation of an earlier version lacks settings that were added since.</remarks>
    public static ImportSpec? SpecOf(Job job) =>
        job.Import!.Confirmation is { } text ? JsonSerializer.Deserialize<ImportSpec>(text, EngineJson.Options) : null;
}
