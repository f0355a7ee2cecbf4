using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Driftwood.Tests.Commands;

/// <summary>The shipped program in its own process.</summary>
internal sealed class DriftwoodProcess : IAsyncDisposable
{
    /// <summary>Guards against a hang. It does not measure speed, because a busy machine is slow.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly Task<string> _notes;

    private DriftwoodProcess(Process process)
    {
        _process = process;
        _reading = ReadOutputAsync();
        _notes = process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <param name="dataDirectory">The value of Driftwood:DataDirectory.</param>
    /// <param name="environment">Environment variables, such as <c>("ConnectionStrings__Driftwood", "…")</c>.</param>
    public static DriftwoodProcess Start(
        string dataDirectory, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList()) start.Environment.Remove(name);
        start.Environment["Driftwood__DataDirectory"] = dataDirectory;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new DriftwoodProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<Ended> RunAsync(
        string dataDirectory, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        await using var process = Start(dataDirectory, arguments, environment);
        return await process.EndAsync();
    }

    /// <summary>Returns the service's address as soon as the service says that it is up.</summary>
    public async Task<Uri> ListensAsync()
    {
        using var limit = NewLimit();
        await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
        {
            if (line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["API", var address])
                return new Uri(address[..^"api".Length]);
        }

        throw new InvalidOperationException($"It ended before it listened: {await EndAsync()}");
    }

    /// <summary>Asks the process to stop, as a supervisor does that signals a group and then its members: twice.</summary>
    public async Task TerminateAsync()
    {
        var once = string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}");
        using var kill = Process.Start("sh", ["-c", $"{once}; {once}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task<Ended> EndAsync()
    {
        using var limit = NewLimit();
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
        return new Ended(_process.ExitCode, _output.ToString(), await _notes);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // Only a failed test leaves the process running. The fixture's clean-up needs the server stopped.
            await TerminateAsync();
            await EndAsync();
        }

        _process.Dispose();
    }

    private static bool IsOurs(string name) =>
        name.StartsWith("Driftwood", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ConnectionStrings", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase);

    private static CancellationTokenSource NewLimit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        return limit;
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _output.AppendLine(line);
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}

/// <param name="Output">Standard output.</param>
/// <param name="Notes">Standard error.</param>
internal sealed record Ended(int ExitCode, string Output, string Notes)
{
    public Ended Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Expected exit code {exitCode}: {this}");
        return this;
    }
}
