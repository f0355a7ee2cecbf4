using System.Text.Json;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

/// <summary>Makes an import of the failed rows of another one.</summary>
internal static class ImportsRetry
{
    private const int MaxFixes = 5_000;

    /// <summary>How many rows a warning names.</summary>
    private const int MaxNamed = 20;

    internal sealed record Request
    {
        /// <summary>The import whose rows failed.</summary>
        public required Guid Id { get; init; }

        /// <summary>Corrected cells, at most 5,000 rows. Rows without a fix are tried as they are.</summary>
        public RetryFix[]? Fixes { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.Fixes).Custom((fixes, context) =>
        {
            if (fixes is { Length: > MaxFixes })
            {
                context.Fail("fixes", "out_of_range", $"Found {fixes.Length} fixes, expected at most {MaxFixes}.");
                return;
            }

            HashSet<long> rows = [];
            foreach (var (i, fix) in (fixes ?? []).Index())
            {
                var path = FormattableString.Invariant($"fixes[{i}]");
                if (!rows.Add(fix.Row)) context.Fail($"{path}.row", "conflict", $"Another fix is for row {fix.Row}.");
                if (fix.Values.Count == 0) context.Fail($"{path}.values", "required", "Expected the cells of at least one column.");
            }
        });
    }

    public static async Task<ImportView> HandleAsync(
        Request request, Caller caller, ImportReader imports, RetryUpload uploads, RecordTypeCatalog types, JobLanes lanes, DriftwoodDb db,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        // Two retries of one import wait for each other here.
        await db.Database.ExecuteSqlAsync(
            $"select 1 from jobs where account_id = {caller.AccountId} and id = {request.Id} for no key update", cancellationToken);
        var job = await imports.FindAsync(caller, request.Id, cancellationToken);
        var spec = RequireEnded(job);
        await RequireFirstAsync(db, job, cancellationToken);
        var type = await types.RequireForImportAsync(db, caller, job.RecordType, cancellationToken);
        var layout = LayoutOf(type, spec, job);
        var fixes = await FixesAsync(db, job, spec, request.Fixes ?? [], cancellationToken);

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var file = await uploads.SaveAsync(job, id, fixes, MaxNamed + 1, caller.TokenId, cancellationToken);
        db.Jobs.Add(Next(job, id, spec, file, caller, now));
        var count = layout.RunsInLanes ? lanes.CountFor(file.Rows) : 1;
        lanes.WakeAfterCommit(lanes.Add(caller.AccountId, id, count, now, layout.IsPlanned));
        await db.SaveChangesAsync(cancellationToken);
        await KeepNumbersAsync(db, job, id, cancellationToken);
        var view = await imports.ReadAsync(caller, id, cancellationToken);
        return file.CutRows.Count == 0 ? view : view with { Warnings = [WarningOf(file.CutRows)] };
    }

    /// <exception cref="ApiException">409.</exception>
    private static ImportSpec RequireEnded(Job job)
    {
        if (job.Status is not (JobStatus.Completed or JobStatus.Cancelled))
        {
            throw ApiException.InvalidState(
                $"The import is {WireJson.Word(job.Status)}; only one that is completed or cancelled can be retried.");
        }

        var spec = job.Import!.Confirmation is { } text ? JsonSerializer.Deserialize<ImportSpec>(text, EngineJson.Options) : null;
        return spec switch
        {
            null => throw ApiException.InvalidState("The import was cancelled before it was confirmed, so no row of it failed."),
            { DryRun: true } => throw ApiException.InvalidState("The import is a dry run; confirm its upload without dry_run first."),
            _ => spec,
        };
    }

    /// <exception cref="ApiException">409: the rows were tried again, or there are none.</exception>
    private static async Task RequireFirstAsync(DriftwoodDb db, Job job, CancellationToken cancellationToken)
    {
        var earlier = await db.Imports.Where(import => import.AccountId == job.AccountId && import.RetryOf == job.Id)
            .OrderBy(import => import.Id).Select(import => (Guid?)import.Id).FirstOrDefaultAsync(cancellationToken);
        if (earlier is not null)
        {
            throw ApiException.InvalidState(
                $"The import {earlier} has tried these rows again already; to try those that failed once more, retry that one.");
        }

        var hasFailed = await db.RowErrors.AnyAsync(
            error => error.AccountId == job.AccountId && error.JobId == job.Id, cancellationToken);
        if (!hasFailed) throw ApiException.InvalidState("No row of the import failed, so there is nothing to retry.");
    }

    private static ImportLayout LayoutOf(RecordType type, ImportSpec spec, Job job)
    {
        try
        {
            return new ImportLayout(type, spec, job.Import!.Headers!);
        }
        catch (JobFailedException changed)
        {
            throw ApiException.InvalidState(
                $"{changed.Message} Import the file of imports-errors-csv with another mapping instead.");
        }
    }

    private static async Task<IReadOnlyDictionary<long, byte[][]>> FixesAsync(
        DriftwoodDb db, Job job, ImportSpec spec, RetryFix[] fixes, CancellationToken cancellationToken)
    {
        if (fixes.Length == 0) return new Dictionary<long, byte[][]>();
        var rows = fixes.Select(fix => fix.Row).ToArray();
        var failed = await db.RowErrors.AsNoTracking()
            .Where(error => error.AccountId == job.AccountId && error.JobId == job.Id && rows.Contains(error.RowNumber))
            .ToDictionaryAsync(error => error.RowNumber, cancellationToken);
        return RetryFixes.Apply(fixes, failed, job.Import!.Headers!, spec);
    }

    private static Job Next(Job job, Guid id, ImportSpec spec, RetryUpload.Result file, Caller caller, DateTimeOffset now) => new()
    {
        AccountId = job.AccountId,
        Id = id,
        Kind = JobKind.Import,
        RecordType = job.RecordType,
        Status = JobStatus.Processing,
        TotalCount = file.Rows,
        KeepChanges = spec.KeepChanges,
        TraceParent = LaneTraces.Current,
        CreatedBy = caller.UserId,
        CreatedAt = now,
        UpdatedAt = now,
        StartedAt = now,
        Import = new Import
        {
            AccountId = job.AccountId,
            Id = id,
            UploadId = file.Upload.Id,
            RetryOf = job.Id,
            Format = FileFormats.Write(CsvFormat.OfRetry(FileFormats.Read(job.Import!.Format!))),
            Headers = job.Import.Headers,
            Confirmation = job.Import.Confirmation,
            Settings = job.Import.Settings,
            ProfileId = job.Import.ProfileId,
            ProfileVersion = job.Import.ProfileVersion,
        },
    };

    private static Task<int> KeepNumbersAsync(DriftwoodDb db, Job job, Guid id, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            insert into retried_rows (account_id, job_id, first, row_numbers)
            select {job.AccountId}, {id}, min(e.place), array_agg(e.row_number order by e.row_number)
            from (
                select r.row_number, row_number() over (order by r.row_number) as place
                from row_errors r where r.account_id = {job.AccountId} and r.job_id = {job.Id}) e
            group by (e.place - 1) / 2000
            """, cancellationToken);

    private static string WarningOf(IReadOnlyList<long> rows)
    {
        var more = rows.Count > MaxNamed ? " and others" : "";
        return $"Only the first 64 KiB are kept of these rows, so they fail again with row_not_kept unless fixes give all their cells: "
            + $"{string.Join(", ", rows.Take(MaxNamed))}{more}.";
    }
}
