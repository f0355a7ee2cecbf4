using System.Diagnostics;
using Driftwood.LocalPostgres;
using Driftwood.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Driftwood.Tests.LocalPostgres;

/// <summary>A data directory for each test, gone with all that runs in it afterwards.</summary>
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

    /// <summary>Kills a process of which we are not the parent and waits until it is gone.</summary>
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

    /// <summary>Waits for a process that is ending: stopped, it still counts until its parent has taken note.</summary>
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
