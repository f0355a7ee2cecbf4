using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Driftwood.Api.Shell;

/// <summary>How far something is.</summary>
/// <param name="Total">0 while it is not known.</param>
/// <param name="Text">The same in words, such as <c>1,500 of 2,000 rows, 9,800 rows/s</c>.</param>
internal readonly record struct Reading(long Done, long Total, string Text);

/// <summary>Shows progress: a bar that moves where a person watches, a line now and then elsewhere.</summary>
internal sealed class Meter(Terminal terminal)
{
    /// <summary>Between two plain lines: an import of an hour fills some pages of a log, not a disk.</summary>
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    /// <param name="title">Names the work, such as Importing.</param>
    /// <param name="work">Reports as often as it likes; the last report is shown in any case.</param>
    public Task<T> ShowAsync<T>(string title, Func<Action<Reading>, Task<T>> work) =>
        terminal.IsInteractive ? ShowBarAsync(title, work) : ShowLinesAsync(title, work);

    private async Task<T> ShowBarAsync<T>(string title, Func<Action<Reading>, Task<T>> work) =>
        await terminal.Screen.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new SpinnerColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                var result = await work(reading =>
                {
                    task.Value = reading.Total == 0 ? 0 : (double)reading.Done / reading.Total;
                    task.Description = Markup.Escape($"{title}: {reading.Text}");
                });
                task.StopTask();
                return result;
            });

    private async Task<T> ShowLinesAsync<T>(string title, Func<Action<Reading>, Task<T>> work)
    {
        var last = default(Reading);
        var printed = default(Reading);
        var since = Stopwatch.StartNew();
        terminal.Say($"{title}…");
        var result = await work(reading =>
        {
            last = reading;
            if (since.Elapsed < BetweenLines) return;
            Print(title, reading);
            printed = reading;
            since.Restart();
        });
        if (last != printed) Print(title, last);
        return result;
    }

    private void Print(string title, Reading reading)
    {
        var share = reading.Total == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({100 * reading.Done / reading.Total} %)");
        terminal.Say($"{title}: {reading.Text}{share}");
    }
}
