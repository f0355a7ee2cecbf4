using System.Text.Json.Nodes;
using Driftwood.Api.Client;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

/// <summary>Shows the service in a minute: an import, then three bulk jobs on its records. It can run again and again.</summary>
internal sealed class Demo(PublicApi api, Terminal terminal)
{
    private const string Contacts = "contacts";
    private const int Tagged = 100;
    private const int Updated = 50;
    private const int Deleted = 10;

    private static readonly string[] Tags = ["demo"];

    /// <summary>Lies beside the program, so that the working directory does not matter.</summary>
    private static FileInfo Sample => new(Path.Combine(AppContext.BaseDirectory, "samples", "contacts.csv"));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        terminal.Say();
        terminal.Say("Importing samples/contacts.csv; eight of its rows are broken on purpose.");
        // Merge, so that a second run updates what the first one created.
        var import = await new ImportRun(api, terminal).RunAsync(
            new FileImport(Sample, Contacts) { Settings = new JsonObject { ["duplicate_strategy"] = "merge" } }, () => true,
            cancellationToken);
        if (import is not { Status: "completed" }) throw new CommandFailure($"The import ended {import?.Status}.");

        terminal.Say("Bulk jobs on some of the contacts:");
        var ids = (await api.ListContactsAsync(Tagged, cancellationToken)).Items.Select(contact => contact.Id).ToList();
        BulkJobState[] jobs =
        [
            await RunAsync("tag", ids, new { Add = Tags }, cancellationToken),
            await RunAsync("update", ids.Take(Updated), new { Fields = new { Description = "Changed by the demo" } }, cancellationToken),
            await RunAsync("delete", ids.Take(Deleted), null, cancellationToken),
        ];
        terminal.Table(["Operation", "Status", "Records", "Processed", "Failed"], jobs.Select(job => new[]
        {
            job.Operation, job.Status, $"{job.TotalCount}", $"{job.ProcessedCount}", $"{job.FailedCount}",
        }));
        if (Array.Find(jobs, job => job.Status != "completed") is { } stuck)
            throw new CommandFailure($"The {stuck.Operation} job ended {stuck.Status}: {stuck.ErrorMessage}");
    }

    private async Task<BulkJobState> RunAsync(
        string operation, IEnumerable<Guid> ids, object? parameters, CancellationToken cancellationToken)
    {
        var job = await api.CreateBulkJobAsync(new BulkJobRequest(Contacts, operation, [.. ids], parameters), cancellationToken);
        return await JobWatch.RunAsync(
            job, token => api.GetBulkJobAsync(job.Id, token), state => state.HasEnded, _ => { }, cancellationToken);
    }
}
