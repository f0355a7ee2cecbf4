using System.ComponentModel;
using System.Diagnostics;

namespace Driftwood.Tests.Features.Compat;

/// <summary>A program of Node.js below tests/clients, copied to a temporary folder with the packages of its lock file.</summary>
internal sealed class ZendeskNode : IDisposable
{
    /// <summary>Far longer than any of the programs takes. One that runs longer never ends.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly string _folder;

    private ZendeskNode(string folder) => _folder = folder;

    /// <summary>Copies the program and installs its packages.</summary>
    /// <param name="name">The folder below tests/clients.</param>
    public static async Task<ZendeskNode> InstallAsync(string name)
    {
        var folder = Directory.CreateTempSubdirectory("driftwood-client-").FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "clients", name)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var node = new ZendeskNode(folder);
        var (code, output) = await node.RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"], []);
        Assert.True(code == 0, $"npm ci ended with {code}: {output}");
        return node;
    }

    /// <summary>Runs a file of the program.</summary>
    /// <returns>Its exit code, and all that it printed.</returns>
    public Task<(int Code, string Output)> RunAsync(string file, params (string Name, string Value)[] environment) =>
        RunAsync("node", [file], environment);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(int Code, string Output)> RunAsync(
        string command, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Start(start);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"{start.FileName} does not start. These tests need Node.js 18 or newer.", missing);
        }
    }
}
