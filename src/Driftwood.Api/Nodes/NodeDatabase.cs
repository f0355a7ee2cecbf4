using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Shell;
using Driftwood.Api.Work;
using Driftwood.Data;

namespace Driftwood.Api.Nodes;

internal static class NodeDatabase
{
    /// <summary>Opens the database of a data directory, and brings it to this build's schema.</summary>
    /// <param name="mayMigrate">False leaves a configured database as it is; the embedded one has nobody else to migrate it.</param>
    public static async Task<Database> OpenAsync(
        IConfiguration configuration, DataDirectory directory, bool mayMigrate, Terminal terminal, CancellationToken cancellationToken)
    {
        var database = await OpenAsync(configuration, directory, terminal, cancellationToken);
        var ready = false;
        try
        {
            if (mayMigrate || database.IsEmbedded)
            {
                await database.MigrateAsync(new NoteLogger(terminal), cancellationToken);
                await JobEngineServices.InstallAsync(
                    CommandContext.ReadOptions(configuration).Jobs.Engine, database.Route, cancellationToken);
            }

            ready = true;
            return database;
        }
        catch (PoolerException e)
        {
            throw new CommandFailure(e.Message, e);
        }
        finally
        {
            if (!ready) await database.DisposeAsync();
        }
    }

    private static async Task<Database> OpenAsync(
        IConfiguration configuration, DataDirectory directory, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            return await Database.OpenAsync(configuration, directory.Postgres, terminal.Note, cancellationToken);
        }
        catch (FormatException e)
        {
            throw new CommandFailure(e.Message, e);
        }
        catch (PoolerException e)
        {
            throw new CommandFailure(e.Message, e);
        }
    }

    /// <summary>The migrator's messages as plain lines: no host is built yet that would have a log.</summary>
    private sealed class NoteLogger(Terminal terminal) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) terminal.Note(formatter(state, exception));
        }
    }
}
