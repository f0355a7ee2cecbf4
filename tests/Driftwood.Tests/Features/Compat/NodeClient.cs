namespace Driftwood.Tests.Features.Compat;

/// <summary>Runs a program of <c>tests/clients</c>, which uses another service's published client, with Node.js.</summary>
internal static class NodeClient
{
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
            var (installed, output) = await ClientProgram.RunAsync(
                copy.FullName, "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            Assert.True(installed == 0, $"npm ci: {output}");
            prepare(copy.FullName);
            return (await ClientProgram.RunAsync(copy.FullName, program, arguments, environment)).Lines();
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, program)));
}
