using Driftwood.LocalPostgres;

namespace Driftwood.Tests.Commands;

/// <summary>A data directory that does not exist yet. Disposing it removes it and the server in it.</summary>
internal sealed class NewDataDirectory : IAsyncDisposable
{
    public string Path { get; } =
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"driftwood-commands-{Guid.NewGuid().ToString("N")[..12]}");

    public string TokenFile => System.IO.Path.Combine(Path, "token");

    private string Postgres => System.IO.Path.Combine(Path, "postgres");

    public string ReadToken() => File.ReadAllText(TokenFile).Trim();

    /// <summary>The running server's process; null where there is none. As root its data may lie elsewhere.</summary>
    public int? ServerProcessId
    {
        get
        {
            var location = System.IO.Path.Combine(Postgres, "location");
            var home = File.Exists(location) ? File.ReadAllText(location).Trim() : Postgres;
            var file = System.IO.Path.Combine(home, "cluster", "postmaster.pid");
            return File.Exists(file) ? int.Parse(File.ReadLines(file).First(), System.Globalization.CultureInfo.InvariantCulture) : null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Assert.True(
            await LocalPostgresServer.DeleteAsync(new LocalPostgresOptions { DataDirectory = Postgres }), "The server is still in use.");
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
