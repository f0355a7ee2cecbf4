using System.Globalization;
using System.Text;
using Driftwood.Engine.Records.Text;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Random rows of a file: new people, known people, repeats, broken rows, and values that belong to somebody else.</summary>
internal sealed class ImportRows(Random random, ContactBook book, People people)
{
    /// <summary>Separates tags in a cell.</summary>
    public const char TagDelimiter = ';';

    private readonly Contact[] _there = [.. book.All];
    private readonly List<string[]> _rows = [];

    /// <summary>Makes rows with the cells e-mail, external ID (if the file has one), first name, city and tags, in this order.</summary>
    public static IReadOnlyList<string[]> Make(
        Random random, ContactBook book, People people, int count, bool withExternalIds, bool onlyGood = false)
    {
        var rows = new ImportRows(random, book, people);
        while (rows._rows.Count < count) rows._rows.Add(rows.Row(withExternalIds, onlyGood));
        return rows._rows;
    }

    public static byte[] ToCsv(string[] columns, IEnumerable<string[]> rows)
    {
        StringBuilder csv = new(string.Join(',', columns) + "\n");
        foreach (var row in rows) csv.AppendJoin(',', row).Append('\n');
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private string[] Row(bool withExternalIds, bool onlyGood)
    {
        var roll = random.Next(1000);
        if (onlyGood && roll < 25) roll = 999;
        var row = roll switch
        {
            < 10 => Cells(withExternalIds, $"broken{roll}@@example.com", null, "Broken"),
            < 15 => [.. Cells(withExternalIds, People.Email(people.New()), null, "Long"), "one more"],
            < 25 => Cells(withExternalIds, "", null, ""),
            < 45 => Cells(withExternalIds, "", null, $"Nameless {people.New()}"),
            < 200 when _rows.Count > 0 => Again(withExternalIds),
            < 450 when _there.Length > 0 => Known(withExternalIds),
            _ => Person(withExternalIds, people.New()),
        };
        if (roll is >= 25 or < 10) row[^1] = people.TagCell();
        // This is somebody else's external ID, from the account or from the file.
        if (withExternalIds && roll % 90 == 7 && row.Length == 5) row[1] = People.ExternalId(people.Any());
        return row;
    }

    private string[] Person(bool withExternalIds, int number) => Cells(
        withExternalIds, People.Email(number), random.Next(3) > 0 ? People.ExternalId(number) : "",
            random.Next(4) == 0 ? "" : $"Person {number}");

    // Makes another row, with other values, for somebody who has a row further up.
    private string[] Again(bool withExternalIds)
    {
        string[] row = [.. _rows[random.Next(_rows.Count)]];
        if (random.Next(2) == 0) row[0] = row[0].ToUpperInvariant();
        row[withExternalIds ? 3 : 2] = people.City();
        return row;
    }

    private string[] Known(bool withExternalIds)
    {
        var contact = _there[random.Next(_there.Length)];
        return Cells(
            withExternalIds, contact.Email ?? "", contact.ExternalId ?? "",
            contact.Email is null || random.Next(3) == 0 ? $"Renamed {people.Any()}" : "");
    }

    private string[] Cells(bool withExternalIds, string email, string? externalId, string firstName)
    {
        var city = firstName.Length == 0 || random.Next(3) == 0 ? "" : people.City();
        return withExternalIds ? [email, externalId ?? "", firstName, city, ""] : [email, firstName, city, ""];
    }
}

/// <summary>The people of one account, by the numbers that its files give them.</summary>
internal sealed class People(Random random)
{
    private static readonly string[] Cities = ["Oslo", "Rome", "Bergen", "Lyon", "Turku", "Porto", "Graz", "Cork"];
    private static readonly string[] TagNames = ["vip", "lead", "new", "old", "mail", "fair", "press", "cold"];

    private int _next;

    public int New() => ++_next;

    public int Any() => random.Next(_next) + 1;

    public string City() => Cities[random.Next(Cities.Length)];

    public string Tag() => TagNames[random.Next(TagNames.Length)];

    public string[] Tags() => [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Tag()).Distinct()];

    public string TagCell() => random.Next(3) > 0 ? "" : string.Join(ImportRows.TagDelimiter, Tags());

    public static string Email(int number) => string.Create(CultureInfo.InvariantCulture, $"person{number}@example.com");

    public static string ExternalId(int number) => string.Create(CultureInfo.InvariantCulture, $"x-{number}");
}
