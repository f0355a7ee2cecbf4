using System.Globalization;
using System.Text.RegularExpressions;
using Driftwood.Tests.Engine.Files.Preview;

namespace Driftwood.Tests.Engine.Imports.RoundTrip;

/// <summary>A random file of contacts, and what its cells mean. It knows nothing of the code that reads cells.</summary>
internal sealed partial class RoundTripFile
{
    /// <summary>The columns and the fields to which they go.</summary>
    public static readonly Dictionary<string, string> Fields = new()
    {
        ["External ID"] = "external_id",
        ["First Name"] = "first_name",
        ["Email"] = "email",
        ["City"] = "city",
        ["Notes"] = "description",
        ["Birthday"] = "birthday",
        ["Phone"] = "phone",
        ["Postal Code"] = "postal_code",
        ["Tags"] = "tags",
        ["Company"] = "company_name",
    };

    private static readonly string[] Markers = ["NULL", "\\N", "n/a", "#N/A", "-", "(null)", "k.A."];

    public RoundTripFile(int seed)
    {
        Prefix = $"r{seed.ToString(CultureInfo.InvariantCulture)}-";
        Table = new RandomTable(seed, [.. Fields.Keys], Cell);
        var random = new Random(seed + 1);
        if (Table.EndsWithDelimiters) return;
        for (var i = 2; i < Table.Rows.Length; i++)
        {
            if (random.Next(25) == 0) Table.Overlong.Add(i);
        }

        if (random.Next(5) == 0) Table.Footer = "Made by Sam";
    }

    /// <summary>The beginning of the file's external IDs. No other file has it.</summary>
    public string Prefix { get; }

    public RandomTable Table { get; }

    /// <summary>The rows that do not fail.</summary>
    public IEnumerable<string[]> Imported => Table.Rows.Where((_, index) => !Table.Overlong.Contains(index));

    public override string ToString() => Table.ToString();

    /// <summary>What a cell means, as a person reads it, and the warning if that is not what it says.</summary>
    public static (string Value, string? Warning) Meaning(string header, string cell)
    {
        if (Markers.Contains(cell)) return ("", "null_value");
        if (header == "Birthday" && cell is "--03-15" or "03/15") return ("", "date_without_year");
        if (header == "Birthday" && cell == "0000-00-00") return ("", null);
        if (header is "Email" or "Phone" or "City" && cell.Split(" ::: ") is { Length: 2 } values) return (values[0], "multiple_values");
        var formula = TextFormula().Match(cell);
        return (formula.Success ? formula.Groups[1].Value : cell, null);
    }

    [GeneratedRegex("^=\"([0-9]+)\"$")]
    private static partial Regex TextFormula();

    private string Cell(Random random, string header, int index)
    {
        string Pick(params string[] cells) => cells[random.Next(cells.Length)];
        if (header == "External ID") return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index}");
        if (random.Next(20) == 0) return Pick(Markers);
        if (random.Next(6) == 0) return "";
        return header switch
        {
            "Email" => $"{Prefix}{index}@example.com{(random.Next(15) == 0 ? " ::: other@example.com" : "")}",
            "Phone" => $"+47 21 00 00 {random.Next(10, 99)}{(random.Next(15) == 0 ? " ::: +47 21 00 00 00" : "")}",
            "First Name" => Pick("Ida", "Jürgen", "Łucja", "山田", "Zoë"),
            "City" => Pick("Oslo", "Köln, Süd", "Rome; Italy", "a|b", "O'Fallon", "Oslo ::: Bergen"),
            "Birthday" => Pick("1990-02-28", "2001-12-01", "0000-00-00", "--03-15", "03/15"),
            "Postal Code" => Pick("01501", "=\"01501\"", "SW1A 1AA"),
            "Tags" => Pick("VIP", "VIP;Nordic", "VIP;Nordic;Café", "Old"),
            _ => RandomTable.Note(random),
        };
    }
}
