using Driftwood.Tests.Infrastructure;

namespace Driftwood.Benchmarks;

/// <summary>Imports from the disk and from a bucket, in turn. The S3 server runs on the same machine.</summary>
internal static class StorageBenchmark
{
    /// <param name="rows">The number of rows in the file.</param>
    /// <param name="repeat">The number of runs of each way.</param>
    public static async Task RunAsync(int rows, int repeat)
    {
        await using var bucket = await S3Server.StartAsync(CancellationToken.None);
        await using var database = await BenchmarkDatabase.StartAsync();
        await new PairedImports(database, rows).RunAsync(
            repeat, new NodeSetup("disk"), new NodeSetup("s3", bucket.Settings("benchmark/")));
    }
}
