using System.Diagnostics;
using System.Globalization;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Lanes;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>
/// Measures a lane's work on a file before any transaction: it reads rows, checks them, and encodes them for COPY, chunk after
/// chunk. It uses the engine's own classes and no database.
/// </summary>
internal static class MicroBenchmark
{
    private const int Passes = 5;
    private const int ColdChunks = 2; // the first chunks of a pass, in which the lane's buffers grow

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5); // until the final compilation of the code

    public static async Task RunAsync(int rows)
    {
        var chunkRows = Math.Clamp(rows / 10, 1, new LaneOptions().ChunkRows);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rows:N0} rows in chunks of {chunkRows:N0}, .NET {Environment.Version}; median ns and mean bytes allocated a row that is "
                + $"kept, of {Passes} passes"));
        Func<int, MicroFile>[] files = [MicroFile.Plain, MicroFile.Tagged, MicroFile.WithCustomFields];
        foreach (var make in files)
        {
            var file = make(rows);
            await MeasureAsync(file, "read", samples => ReadAsync(file, chunkRows, samples));
            await MeasureAsync(file, "read, check, encode", samples => EncodeAsync(file, chunkRows, lanes: 1, samples));
            await MeasureAsync(file, "the same in one of two lanes", samples => EncodeAsync(file, chunkRows, lanes: 2, samples));
        }
    }

    private static async Task MeasureAsync(MicroFile file, string what, Func<List<Sample>, Task> pass)
    {
        List<Sample> samples = [];
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < WarmUp;) await pass(samples);
        samples.Clear();
        for (var i = 0; i < Passes; i++) await pass(samples);
        var nanoseconds = samples.Select(sample => sample.Time.TotalNanoseconds / sample.Rows).Order().ElementAt(samples.Count / 2);
        var bytes = (double)samples.Sum(sample => sample.Bytes) / samples.Sum(sample => sample.Rows);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{file.Name,-24} {what,-29} {nanoseconds,7:N0} ns {bytes,8:N1} bytes"));
    }

    private static async Task ReadAsync(MicroFile file, int chunkRows, List<Sample> samples)
    {
        await using var rows = await CsvRows.OpenAsync(new MemoryStream(file.Bytes, writable: false), file.Format, CancellationToken.None);
        await rows.SkipHeaderAsync(file.Format, CancellationToken.None);
        for (var chunk = 0; ; chunk++)
        {
            var count = 0;
            var start = Start.Now();
            while (count < chunkRows && await rows.ReadAsync(CancellationToken.None)) count++;
            if (count < chunkRows) return;
            if (chunk >= ColdChunks) samples.Add(start.Until(count));
        }
    }

    private static async Task EncodeAsync(MicroFile file, int chunkRows, int lanes, List<Sample> samples)
    {
        await using var never = new NpgsqlConnection(); // only an import that numbers its records would open it
        await using var lane = new ImportLane(
            file.Plan, _ => Task.FromResult<Stream>(new MemoryStream(file.Bytes, writable: false)), file.Format, default,
            new RowLanes(file.Plan, lanes, ContestedKeys.None), Guid.Empty, chunkRows);
        var cursor = 0L;
        for (var chunk = 0; ; chunk++)
        {
            var start = Start.Now();
            using var read = await lane.ReadAsync(never, cursor, chunkRows, CancellationToken.None);
            if (read is null || read.Count < chunkRows) return;
            if (chunk >= ColdChunks) samples.Add(start.Until(read.Count));
            cursor = read.EndCursor;
        }
    }

    private readonly record struct Sample(TimeSpan Time, long Bytes, int Rows);

    // Counts the allocations of all threads exactly. Nothing else runs.
    private readonly record struct Start(long Bytes, long Time)
    {
        public static Start Now() => new(GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());

        public Sample Until(int rows)
        {
            var time = Stopwatch.GetElapsedTime(Time);
            return new Sample(time, GC.GetTotalAllocatedBytes(precise: true) - Bytes, rows);
        }
    }
}
