using System.Diagnostics;
using System.IO.Hashing;

namespace Driftwood.Benchmarks;

/// <summary>
/// How much the machine's cores do together. Virtual cores are often two threads of one real core, which do less than twice the work of
/// one. A script with one session has a real core for itself, and the lanes of a job share it.
/// </summary>
internal static class Cores
{
    private const int Rounds = 4;

    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(150);

    private static readonly Lazy<double> Measured = new(Measure);

    /// <summary>The work of all cores at once as a multiple of what one does alone.</summary>
    public static double Together => Measured.Value;

    // The best of some rounds: the code is not compiled for speed in the first ones.
    private static double Measure()
    {
        long alone = 0, together = 0;
        for (var round = 0; round < Rounds; round++)
        {
            alone = Math.Max(alone, Work());
            together = Math.Max(together, WorkTogether());
        }

        return (double)together / alone;
    }

    private static long WorkTogether()
    {
        long sum = 0;
        List<Thread> threads = [];
        for (var n = 0; n < Environment.ProcessorCount; n++) threads.Add(new Thread(() => Interlocked.Add(ref sum, Work())));
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return sum;
    }

    /// <summary>Returns how often a page of the database was hashed.</summary>
    private static long Work()
    {
        var page = new byte[8192];
        var end = Stopwatch.GetTimestamp() + (long)(Time.TotalSeconds * Stopwatch.Frequency);
        long count = 0;
        for (; Stopwatch.GetTimestamp() < end; count++) page[0] = (byte)Crc32.HashToUInt32(page);
        return count;
    }
}
