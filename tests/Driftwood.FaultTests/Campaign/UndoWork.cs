using System.Text.Json;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Takes the account's last job back. Nobody has written since, so every contact is as it was before that job.</summary>
internal sealed class UndoWork : Work
{
    private readonly Guid _job;
    private readonly Work _work;

    /// <param name="job">The last job.</param>
    /// <param name="work">What it did.</param>
    /// <param name="changes">The changes that it made: one for each row or target that created, changed or deleted a contact.</param>
    /// <param name="before">The contacts before it.</param>
    /// <param name="now">The contacts after it.</param>
    public UndoWork(Guid job, Work work, int changes, ContactBook before, ContactBook now)
    {
        (_job, _work, Rows, After) = (job, work, changes, before);
        Created = before.All.Count(contact => !now.Has(contact.Id!.Value));
    }

    public override string Name => $"undo of {_work.Name} {_job}";

    public override int Rows { get; }

    public override ContactBook After { get; }

    public override int Created { get; }

    public override string GetRoute => "bulk-jobs-get";

    public override async Task<Guid> StartAsync(Caller caller) =>
        (await caller.PostAsync("jobs-undo", new { id = _job })).GetProperty("id").GetGuid();

    public override Progress Read(JsonElement job) => BulkWork.ReadBulk(job);

    public override async Task<IReadOnlyList<string>> DifferencesAsync(Caller caller, JsonElement job)
    {
        var expected = new Progress("completed", Rows, Rows, [Rows, 0, 0]);
        if (Read(job).ToString() == expected.ToString()) return [];
        var left = await caller.AllAsync("bulk-jobs-results", new { id = job.GetProperty("id").GetGuid(), outcome = "kept" });
        var kept = left.Take(3).Select(result => $"{result.GetProperty("entity_id")} {result.GetProperty("message")}");
        return [$"{Read(job)}, expected {expected}: {job.GetProperty("error_message")} {string.Join(", ", kept)}"];
    }
}
