using System.ComponentModel;
using System.Diagnostics;

namespace Driftwood.LocalPostgres.Processes;

/// <summary>A finished program: its exit code (127 when it could not be started) and what it printed on both streams.</summary>
internal sealed record CommandResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;
}

/// <summary>Other programs, run with their messages in English and without our PG* variables.</summary>
internal static class Command
{
    /// <summary>Runs a program to its end; when it takes longer than <paramref name="limit"/>, ends it and says so.</summary>
    public static async Task<CommandResult> RunAsync(IReadOnlyList<string> line, TimeSpan limit, CancellationToken ct)
    {
        if (TryStart(line, out var problem) is not { } process) return new CommandResult(127, problem);
        using (process)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
            timeout.CancelAfter(limit);
            try
            {
                process.StandardInput.Close();
                var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
                var error = process.StandardError.ReadToEndAsync(timeout.Token);
                await process.WaitForExitAsync(timeout.Token);
                return new CommandResult(process.ExitCode, (await output + await error).Trim());
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                ct.ThrowIfCancellationRequested();
                return new CommandResult(124, $"'{line[0]}' did not end within {limit.TotalSeconds:0} s");
            }
        }
    }

    /// <summary>Runs a program whose children may keep its streams (pg_ctl start): only its exit is waited for.</summary>
    public static async Task<int> RunDetachedAsync(IReadOnlyList<string> line, CancellationToken ct)
    {
        using var process = TryStart(line, out _);
        if (process is null) return 127;
        await process.WaitForExitAsync(ct);
        return process.ExitCode;
    }

    /// <summary>
    /// Starts a program. All three streams are redirected even where nobody reads them: a child on the terminal
    /// makes .NET change the terminal's settings. On Windows it gets a console of its own, out of Ctrl-C's reach.
    /// </summary>
    public static Process? TryStart(IReadOnlyList<string> line, out string problem)
    {
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            // The current directory may be closed to the server's account.
            WorkingDirectory = Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } root ? root : "/",
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        // The log is read for reasons (a taken port), which are translated otherwise.
        start.Environment["LC_ALL"] = "C";
        problem = "";
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception e)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>The program's full path, from PATH and, for administrative tools an ordinary PATH lacks, sbin.</summary>
    public static string? Find(string name)
    {
        string[] suffixes = OperatingSystem.IsWindows() ? [".exe", ".cmd"] : [""];
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(OperatingSystem.IsWindows() ? [] : ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]);
        return directories.Where(Path.IsPathFullyQualified)
            .SelectMany(d => suffixes.Select(s => Path.Combine(d, name + s)))
            .FirstOrDefault(File.Exists);
    }
}
