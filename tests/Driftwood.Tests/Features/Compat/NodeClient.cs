using System.Diagnostics;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Runs a program of <c>tests/clients</c>, which uses another service's published client, with Node.js.</summary>
internal static class NodeClient
{
    /// <summary>A run takes less than a minute. A program that is not done by then never is.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Installs the packages that the folder's lock file pins and runs its <c>check.mjs</c>, in a copy outside the repository.
    /// </summary>
    /// <param name="folder">The folder's name, such as <c>knock</c>.</param>
    /// <param name="environment">What the program reads from its environment.</param>
    /// <returns>The lines that the program printed. Its exit code is the last one, as <c>exit 0</c>.</returns>
    public static Task<string[]> RunAsync(string folder, params (string Name, string Value)[] environment) =>
        RunAsync(folder, _ => { }, "node", ["check.mjs"], environment);

    /// <summary>The same for a folder whose <c>package.json</c> has a script <c>check</c>.</summary>
    /// <param name="folder">The folder's name.</param>
    /// <param name="prepare">Writes further files into the copy, whose path it gets.</param>
    /// <param name="environment">What the program reads from its environment.</param>
    public static Task<string[]> RunScriptAsync(
        string folder, Action<string> prepare, params (string Name, string Value)[] environment) =>
        RunAsync(folder, prepare, "npm", ["run", "--silent", "check"], environment);

    private static async Task<string[]> RunAsync(
        string folder, Action<string> prepare, string program, string[] arguments, (string Name, string Value)[] environment)
    {
        if (!IsInstalled("node") && Environment.GetEnvironmentVariable("CI") is null) Assert.Skip("Node.js is not installed.");
        var copy = Directory.CreateTempSubdirectory("driftwood-client-");
        try
        {
            var clients = Path.Combine(Repository.Root, "tests", "clients");
            foreach (var file in Directory.EnumerateFiles(Path.Combine(clients, folder)))
                File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
            File.Copy(Path.Combine(clients, "checks.mjs"), Path.Combine(copy.FullName, "checks.mjs"));
            var (installed, output) = await StartAsync(copy.FullName, "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], []);
            Assert.True(installed == 0, $"npm ci: {output}");
            prepare(copy.FullName);
            var (exit, lines) = await StartAsync(copy.FullName, program, arguments, environment);
            return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), $"exit {exit}"];
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, program)));

    private static async Task<(int Exit, string Output)> StartAsync(
        string directory, string program, string[] arguments, (string Name, string Value)[] environment)
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
}
