using System.Diagnostics;

namespace Driftwood.Tests.Infrastructure;

/// <summary>Runs a program that a test needs, and ends it when it takes too long.</summary>
internal static class ClientProgram
{
    /// <summary>A run takes about a minute, and longer while packages are downloaded.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Runs a program to its end. Returns the exit code, and the standard output with the standard error behind it.</summary>
    /// <param name="directory">The working directory.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What is added to its environment.</param>
    public static async Task<(int Exit, string Output)> RunAsync(
        string directory, string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
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

    /// <summary>The lines of a program's output. Its exit code is the last one, as <c>exit 0</c>.</summary>
    public static string[] Lines(this (int Exit, string Output) ended) =>
    [
        .. ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), $"exit {ended.Exit}",
    ];
}
