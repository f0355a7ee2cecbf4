namespace Driftwood.Api.Platform.Persistence;

/// <summary>
/// Actions that a handler wants done once its transaction is committed, such as waking lanes. Only hints belong here: what must not
/// be lost is written in the transaction, and the sweeper finds it should the hint fail.
/// </summary>
internal sealed partial class AfterCommit(IHostApplicationLifetime lifetime, ILogger<AfterCommit> logger)
{
    private readonly List<Func<CancellationToken, Task>> _actions = [];

    /// <summary>Runs after the commit, or after the handler where the route has no transaction; never on failure.</summary>
    public void Add(Func<CancellationToken, Task> action) => _actions.Add(action);

    internal async Task RunAsync()
    {
        foreach (var action in _actions)
        {
            // The caller may have gone by now; what it committed still wants its hint.
            try
            {
                await action(lifetime.ApplicationStopping);
            }
            catch (Exception exception)
            {
                // The work is committed, so the caller is told of success whatever becomes of the hint.
                LogFailed(exception);
            }
        }

        _actions.Clear();
    }

    [LoggerMessage(1020, LogLevel.Warning, "An action after the commit failed; the sweeper will make up for it")]
    private partial void LogFailed(Exception exception);
}
