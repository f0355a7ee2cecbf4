using System.Linq.Expressions;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Jobs;

/// <summary>A job as callers see it.</summary>
internal interface IJobView
{
    Guid Id { get; }
}

/// <summary>Reads one kind of job of the caller's account. Ids of other accounts are answered like ids that never existed.</summary>
internal abstract class JobReader<TView>(DriftwoodDb db, TimeProvider clock)
    where TView : IJobView
{
    // The database reads the lanes once for all sums.
    private static readonly Expression<Func<Job, CountedJob>> Counted = job => new CountedJob
    {
        Job = job,
        Lanes = job.Lanes.GroupBy(lane => lane.JobId)
            .Select(lanes => new LaneSums
            {
                Processed = lanes.Sum(lane => lane.Processed),
                Created = lanes.Sum(lane => lane.Created),
                Updated = lanes.Sum(lane => lane.Updated),
                Skipped = lanes.Sum(lane => lane.Skipped),
                Failed = lanes.Sum(lane => lane.Failed),
                Warned = lanes.Sum(lane => lane.Warned),
                UpdatedAt = lanes.Max(lane => lane.UpdatedAt),
            })
            .FirstOrDefault(),
    };

    protected abstract JobKind Kind { get; }

    /// <summary>The noun in messages, such as <c>bulk job</c>.</summary>
    protected abstract string Noun { get; }

    protected abstract Expression<Func<CountedJob, JobRow<TView>>> Row { get; }

    /// <summary>The same for one of many jobs, without what would make a list large.</summary>
    protected virtual Expression<Func<CountedJob, JobRow<TView>>> ListedRow => Row;

    public IQueryable<Job> Of(Caller caller) => db.Jobs.Where(job => job.AccountId == caller.AccountId && job.Kind == Kind);

    /// <exception cref="ApiException">404.</exception>
    public Task<TView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        ReadAsync(caller, id, Row, cancellationToken);

    /// <summary>The job as a query for conditional updates.</summary>
    /// <exception cref="ApiException">404.</exception>
    public async Task<IQueryable<Job>> RequireAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var job = Of(caller).Where(job => job.Id == id);
        return await job.AnyAsync(cancellationToken) ? job : throw NotFound(id);
    }

    /// <summary>A page of the jobs that meet a condition, newest first.</summary>
    /// <param name="list">The name of the route. Its cursors belong to it.</param>
    /// <param name="caller">The caller, whose account owns the jobs.</param>
    /// <param name="page">The requested page.</param>
    /// <param name="condition">The condition on each job.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    public async Task<Page<TView>> ListAsync(
        string list, Caller caller, IPaged page, Expression<Func<Job, bool>> condition, CancellationToken cancellationToken)
    {
        var jobs = Of(caller).Where(condition);
        if (Cursor.ReadId(caller, list, page.Cursor) is { } before) jobs = jobs.Where(job => job.Id < before);
        var found = await SelectAsync(jobs.OrderByDescending(job => job.Id).Take(page.FetchCount()), ListedRow, cancellationToken);
        return found.ToPage(page, last => Cursor.Write(caller, list, last.Id.ToString()));
    }

    /// <summary>The jobs with these ids, without those that the account does not have, in no order.</summary>
    public async Task<IReadOnlyList<TView>> ReadManyAsync(
        Caller caller, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        await SelectAsync(Of(caller).Where(job => ids.Contains(job.Id)), ListedRow, cancellationToken);

    /// <exception cref="ApiException">404.</exception>
    protected async Task<TView> ReadAsync(
        Caller caller, Guid id, Expression<Func<CountedJob, JobRow<TView>>> row, CancellationToken cancellationToken)
    {
        var found = await SelectAsync(Of(caller).Where(job => job.Id == id), row, cancellationToken);
        return found.Count == 1 ? found[0] : throw NotFound(id);
    }

    protected ApiException NotFound(Guid id) => ApiException.NotFound(Noun, id);

    private async Task<List<TView>> SelectAsync(
        IQueryable<Job> jobs, Expression<Func<CountedJob, JobRow<TView>>> row, CancellationToken cancellationToken)
    {
        var rows = await jobs.AsNoTracking().Select(Counted).Select(row).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return rows.ConvertAll(found => found.ToView(now));
    }
}
