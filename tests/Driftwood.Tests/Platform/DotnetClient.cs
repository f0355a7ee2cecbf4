using System.Diagnostics;

namespace Driftwood.Tests.Platform;

/// <summary>Builds and runs a C# client of <c>tests/clients</c>, whose generated part is made of the committed OpenAPI document.</summary>
internal static class DotnetClient
{
    /// <summary>A run takes about a minute, and longer while packages are downloaded.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Restores the folder's tool and packages as they are pinned, generates the client, compiles and runs it.</summary>
    /// <param name="folder">The folder's name, such as <c>nswag</c>.</param>
    /// <param name="environment">What the program reads from its environment.</param>
    /// <returns>The lines that the program printed. Its exit code is the last one, as <c>exit 0</c>.</returns>
    public static async Task<string[]> RunAsync(string folder, params (string Name, string Value)[] environment)
    {
        var directory = Path.Combine(Repository.Root, "tests", "clients", folder);
        await SucceedAsync(directory, "tool", "restore");
        // A compiler or build node that stays would hold the test's output open.
        await SucceedAsync(directory, "build", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RestoreLockedMode=true");
        var (exit, output) = await StartAsync(directory, ["run", "--no-build"], environment);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), $"exit {exit}"];
    }

    private static async Task SucceedAsync(string directory, params string[] arguments)
    {
        var (exit, output) = await StartAsync(directory, arguments, []);
        Assert.True(exit == 0, $"dotnet {string.Join(' ', arguments)}: {output}");
    }

    private static async Task<(int Exit, string Output)> StartAsync(
        string directory, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
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
}
