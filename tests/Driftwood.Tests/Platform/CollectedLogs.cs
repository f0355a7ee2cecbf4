using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Driftwood.Tests.Platform;

/// <summary>Keeps every line that is logged.</summary>
internal sealed class CollectedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<Line> _lines = new();
    private TaskCompletionSource _changed = NewSignal();

    public IReadOnlyList<Line> Lines => [.. _lines];

    /// <summary>Returns the first line that matches. Waits for it if it has not been logged yet.</summary>
    public async Task<Line> WaitForAsync(Func<Line, bool> matches)
    {
        while (true)
        {
            var changed = _changed.Task;
            if (_lines.FirstOrDefault(matches) is { } line)
                return line;
            await changed.WaitAsync(TimeSpan.FromSeconds(10));
        }
    }

    public ILogger CreateLogger(string categoryName) => new Collector(this);

    public void Dispose()
    {
    }

    private void Add(Line line)
    {
        _lines.Enqueue(line);
        Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal sealed record Line(int EventId, LogLevel Level, string Text);

    private sealed class Collector(CollectedLogs logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                logs.Add(new Line(eventId.Id, logLevel, formatter(state, exception)));
        }
    }
}
