using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// The file of the benchmarks: distinct e-mails in scattered order, six columns, about 80 bytes a row. Editions have the
/// same e-mails in the same order with other values, some of them blank.
/// </summary>
/// <param name="Rows">The number of rows without the header.</param>
/// <param name="Edition">0 is the first edition, which has no blank cells.</param>
/// <param name="IsMixed">In twenty rows, six have new e-mails and one has an invalid e-mail.</param>
/// <param name="IsShuffled">The rows come in an order that is unlike that of the other editions.</param>
internal sealed record ContactsFile(int Rows, int Edition = 0, bool IsMixed = false, bool IsShuffled = false)
{
    public const string Header = "First Name,Last Name,Email,Phone,Company,City";

    private const int Prime = 15_485_863; // coprime to every smaller row count, so e-mails do not repeat

    private const int OtherPrime = 32_452_843; // likewise

    public int NewRows => Enumerable.Range(0, Rows).Count(IsNew);

    public int BadRows => Enumerable.Range(0, Rows).Count(IsBad);

    public async Task WriteAsync(string path)
    {
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync(Header);
        for (var line = 0; line < Rows; line++) await writer.WriteLineAsync(Row(IsShuffled ? (int)((long)line * OtherPrime % Rows) : line));
    }

    /// <summary>A row without its line break. Rows count from 0.</summary>
    public string Row(int i)
    {
        var person = (long)i * Prime % Rows;
        var email = IsBad(i) ? $"User{person} at Example.com" : IsNew(i) ? $"New{person}@Example.com" : $"User{person}@Example.com";
        var city = Edition > 0 && i % 10 == 9 ? "" : $"City of {(i + Edition) % 90}";
        return string.Create(CultureInfo.InvariantCulture,
            $"First{(i + Edition) % 977},Last{i % 1013},{email},+1 555 {i:D7},Acme Company {(i + Edition) % 500},{city}");
    }

    private bool IsBad(int i) => IsMixed && i % 20 == 0;

    private bool IsNew(int i) => IsMixed && i % 20 is >= 1 and <= 6;
}
