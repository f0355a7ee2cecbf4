using System.Globalization;

namespace Driftwood.Tests.Engine;

/// <summary>
/// The number of random cases of a property and their first seed. Case i has the seed <c>DRIFTWOOD_SEED</c> + i.
/// To repeat a failed case, use its own seed and <c>DRIFTWOOD_CASES=1</c>.
/// </summary>
internal static class Cases
{
    public static IEnumerable<int> Seeds(int count)
    {
        var first = Read("DRIFTWOOD_SEED") ?? Random.Shared.Next(1_000_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"seeds from {first}");
        return Enumerable.Range(first, Read("DRIFTWOOD_CASES") ?? count);
    }

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
