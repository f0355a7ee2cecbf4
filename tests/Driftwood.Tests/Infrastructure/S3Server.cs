using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Tests.Infrastructure;

/// <summary>A real S3 server with one empty bucket, in a Node.js process: the package that <c>tests/clients/s3</c> pins.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "driftwood";

    /// <summary>The access key and the secret key, which the package has fixed.</summary>
    public const string Key = "S3RVER";

    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private S3Server(Process process, DirectoryInfo directory, int port) =>
        (_process, _directory, Port) = (process, directory, port);

    public int Port { get; }

    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    /// <summary>Installs the package and starts the server.</summary>
    /// <exception cref="InvalidOperationException">It could not be installed, or did not start.</exception>
    public static async Task<S3Server> StartAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("driftwood-s3-");
        foreach (var file in new[] { "package.json", "package-lock.json", "serve.mjs" })
            File.Copy(Path.Combine(Repository.Root, "tests", "clients", "s3", file), Path.Combine(directory.FullName, file));
        using (var install = Start(directory, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"))
        {
            var output = install.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await install.StandardError.ReadToEndAsync(cancellationToken);
            await install.WaitForExitAsync(cancellationToken);
            if (install.ExitCode != 0) throw new InvalidOperationException($"npm ci: {await output}{errors}");
        }

        // It encrypts the marks between the pages of a list with a cipher that OpenSSL calls legacy.
        var process = Start(
            directory, "node", "--no-deprecation", "--openssl-legacy-provider", "serve.mjs",
            Path.Combine(directory.FullName, "data"), Bucket);
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        if (!int.TryParse(line, CultureInfo.InvariantCulture, out var port))
        {
            var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            throw new InvalidOperationException($"The S3 server did not start: {line}{errors}");
        }

        // It reports each broken connection, and would stand still when nobody reads that.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return new S3Server(process, directory, port);
    }

    /// <summary>The settings of a node that keeps its files there.</summary>
    /// <param name="prefix">The beginning of the objects' names.</param>
    public (string Key, string Value)[] Settings(string prefix) =>
    [
        ("Driftwood:Uploads:Storage", "s3"),
        ("Driftwood:Uploads:S3:Bucket", Bucket),
        ("Driftwood:Uploads:S3:Endpoint", Endpoint.AbsoluteUri),
        ("Driftwood:Uploads:S3:Prefix", prefix),
        ("Driftwood:Uploads:S3:AccessKey", Key),
        ("Driftwood:Uploads:S3:SecretKey", Key),
        ("Driftwood:Uploads:S3:PathStyle", "true"),
    ];

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static Process Start(DirectoryInfo directory, string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
