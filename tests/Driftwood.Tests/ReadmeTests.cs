using System.Diagnostics;
using System.Text.RegularExpressions;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Tests;

/// <summary>A shell runs the README's walk-throughs exactly as they are written.</summary>
public sealed partial class ReadmeTests(PostgresServer server) : IAsyncDisposable
{
    private static readonly string[] Tools = ["bash", "curl", "jq"];

    private readonly TemporaryDatabase _database = TemporaryDatabase.Missing(server);

    [Fact]
    public async Task The_walk_throughs_do_what_they_say()
    {
        string[] missing = [.. Tools.Where(tool => !IsOnPath(tool))];
        // A machine without these tools cannot run the lines. CI installs the tools, and fails if it cannot.
        Assert.SkipWhen(
            missing.Length > 0 && Environment.GetEnvironmentVariable("CI") != "true",
            $"The walk-throughs need {string.Join(" and ", missing)}.");
        Assert.Empty(missing);
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString);
        var account = await app.CreateAccountAsync();
        var root = Repository.Root;
        var snippets = WalkThrough()
            .Matches(await File.ReadAllTextAsync(Path.Combine(root, "README.md"), TestContext.Current.CancellationToken));
        Assert.Equal(["import", "bulk"], snippets.Select(snippet => snippet.Groups["name"].Value));

        var output = await RunAsync(
            string.Join('\n', snippets.Select(snippet => snippet.Groups["script"].Value)),
            root,
            ("DRIFTWOOD", app.CreateClient().BaseAddress!.ToString().TrimEnd('/')),
            ("TOKEN", account.Token));

        Assert.Contains("\"Company\": \"company_name\"", output, StringComparison.Ordinal);
        Assert.Contains(
            "\"created_count\": 1851,\n  \"updated_count\": 132,\n  \"skipped_count\": 9,\n  \"failed_count\": 8", output,
            StringComparison.Ordinal);
        Assert.Contains("[87,\"Email\",\"invalid_email\",", output, StringComparison.Ordinal);
        Assert.Contains(
            "\"status\": \"completed\",\n  \"total_count\": 3,\n  \"processed_count\": 3,\n  \"failed_count\": 0", output,
            StringComparison.Ordinal);
        Assert.Matches(@"\[""completed"",\d+,""/api/imports/[0-9a-f-]{36}/errors\.csv""\]", output);
        Assert.Contains("[\"delete\",\"completed\"]", output, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [GeneratedRegex("<!-- walk-through: (?<name>\\w+) -->\n```bash\n(?<script>.*?)```", RegexOptions.Singleline)]
    private static partial Regex WalkThrough();

    private static async Task<string> RunAsync(string script, string root, params (string Name, string Value)[] variables)
    {
        var directory = Directory.CreateTempSubdirectory("driftwood-readme-");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(directory.FullName, "samples"), Path.Combine(root, "samples"));
            var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
            {
                WorkingDirectory = directory.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            foreach (var (name, value) in variables) start.Environment[name] = value;
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}\n{output}\n{await errors}");
            return output;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static bool IsOnPath(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, tool)));
}
