using System.Diagnostics;
using Driftwood.LocalPostgres;
using Driftwood.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Driftwood.Tests.LocalPostgres;

/// <summary>Gives each test a data directory. Afterwards the directory and everything that runs in it are removed.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    private protected LocalPostgresOptions Options { get; set; } = DisposableServer.NewOptions();

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Assert.True(await LocalPostgresServer.DeleteAsync(Options));
        Assert.False(Directory.Exists(Options.DataDirectory));
    }

    private protected Task<LocalPostgresServer> StartAsync() => LocalPostgresServer.StartAsync(Options, ct: Ct);

    private protected static async Task<object?> ScalarAsync(LocalPostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Ct);
    }

    /// <summary>Kills a process that is not our child and waits until it is gone.</summary>
    private protected static async Task KillAsync(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
        await process.WaitForExitAsync(Ct);
    }

    private protected static bool IsRunning(int processId)
    {
        using var process = Find(processId);
        return process is { HasExited: false };
    }

    /// <summary>Waits for a process to end. A stopped process stays in the process list until its parent notices.</summary>
    private protected static async Task EndedAsync(int processId)
    {
        using var process = Find(processId);
        if (process is not null) await process.WaitForExitAsync(Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }

    private static Process? Find(int processId)
    {
        try
        {
            return Process.GetProcessById(processId);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
