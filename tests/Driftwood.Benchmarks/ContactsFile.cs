using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>The file of the benchmarks: distinct e-mails in scattered order, six columns, about 80 bytes a row.</summary>
internal static class ContactsFile
{
    public const string Header = "First Name,Last Name,Email,Phone,Company,City";

    private const int Prime = 15_485_863; // coprime to every row count below it, so that the e-mails do not repeat

    public static async Task WriteAsync(string path, int rows)
    {
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync(Header);
        for (var i = 0; i < rows; i++) await writer.WriteLineAsync(Row(i, rows));
    }

    /// <summary>One of <paramref name="rows"/> rows, from 0, without line break.</summary>
    public static string Row(int i, int rows) => string.Create(CultureInfo.InvariantCulture,
        $"First{i % 977},Last{i % 1013},User{(long)i * Prime % rows}@Example.com,+1 555 {i:D7},Acme Company {i % 500},City of {i % 90}");
}
