namespace Driftwood.Tests.Platform;

/// <summary>Builds and runs a C# client of <c>tests/clients</c>, whose generated part is made of the committed OpenAPI document.</summary>
internal static class DotnetClient
{
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
        return (await ClientProgram.RunAsync(directory, "dotnet", ["run", "--no-build"], environment)).Lines();
    }

    private static async Task SucceedAsync(string directory, params string[] arguments)
    {
        var (exit, output) = await ClientProgram.RunAsync(directory, "dotnet", arguments);
        Assert.True(exit == 0, $"dotnet {string.Join(' ', arguments)}: {output}");
    }
}
