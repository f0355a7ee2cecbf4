using System.CommandLine;
using System.CommandLine.Help;
using Driftwood.Api.Client;
using Driftwood.Api.Shell;
using static Driftwood.Api.Shell.Terminal;

namespace Driftwood.Api.Commands;

/// <summary>Takes an import or a bulk job back, as any client of the public API could.</summary>
internal static class UndoCommand
{
    public static Command Create(CommandContext context)
    {
        var job = new Argument<Guid>("job") { Description = "The id of the import or bulk job." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Find out what would become of each change, and change no record." };
        var service = new ServiceOptions();
        var command = new Command("undo", "Takes an import or a bulk job back and watches that to its end.")
        {
            job, dryRun, service.Url, service.Token, new HelpOption { Action = new HelpWithNotes(ExitCodes.OfUndo) },
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = service.Open(context, parsed);
            return await RunAsync(api, context.Terminal, parsed.GetRequiredValue(job), parsed.GetValue(dryRun), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(PublicApi api, Terminal terminal, Guid job, bool dryRun, CancellationToken cancellationToken)
    {
        var started = await api.UndoAsync(job, dryRun, cancellationToken);
        var ended = await new Meter(terminal).ShowAsync(dryRun ? "Dry run" : "Undoing", report => JobWatch.RunAsync(
            started,
            token => api.GetBulkJobAsync(started.Id, token),
            undo => undo.HasEnded,
            undo => report(new Reading(
                undo.ProcessedCount, undo.TotalCount, $"{Count(undo.ProcessedCount)} of {Count(undo.TotalCount)} changes")),
            cancellationToken));
        var kept = ended.KeptCount ?? 0;
        terminal.Say(
            $"{(dryRun ? "Dry run" : "Undo")} {ended.Status}: {Count(ended.ProcessedCount - ended.FailedCount - kept)} taken back, "
            + $"{Count(kept)} kept, {Count(ended.FailedCount)} failed");
        if (ended.ErrorMessage is { Length: > 0 } reason) terminal.Say($"Reason: {Printable(reason)}");
        if (kept + ended.FailedCount > 0) terminal.Say($"Which ones and why: bulk-jobs-results with id {ended.Id}");
        if (ended.Status != "completed") return ExitCodes.Failed;
        return kept + ended.FailedCount > 0 ? ExitCodes.SomeFailed : ExitCodes.Done;
    }
}
