using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>Picks cells: a few good values per field in several spellings, blank cells, and bad cells.</summary>
internal sealed class CellPicker(Random random, Guid[] companies, Guid[] sources, Guid foreign)
{
    /// <summary>The numbers of people are below this.</summary>
    public const int MostPeople = 30;

    // With people, each identifying value belongs to one person, and most rows of a person have that person's values. Some keys
    // contend for values, and others do not. Without people, there are few values, and everybody shares them.
    private readonly int _people = random.Next(2) == 0 ? 0 : random.Next(4, MostPeople);
    private int _person;

    /// <summary>Cells that stand for no value, if the import says so.</summary>
    public static readonly string[] Markers = ["NULL", "\\N", "n/a", "-", "Oslo", "vip"];

    private static readonly string[] Blanks = ["", "", " ", "\t", "\u00A0", "\u200B"];

    public string Delimiter { get; } = random.Next(3) == 0 ? ";" : ",";

    /// <summary>The format of the file's dates and numbers.</summary>
    public CellFormat Format { get; } = new((DateFormat)random.Next(3), random.Next(3) == 0);

    /// <summary>The ids of the existing records.</summary>
    public Guid[] KnownIds { get; set; } = [];

    /// <summary>Begins the row or record of another person.</summary>
    public void NextPerson() => _person = random.Next(_people);

    public string Note() => Pick("", "a note", "b, c", "line\nbreak");

    public string Blank() => Pick(Blanks);

    public string Cell(Field field) => random.Next(100) switch
    {
        < 18 => Blank(),
        < 21 => Bad(field),
        < 24 => Pick("", " ") + Pick(Markers) + Pick("", "\u00A0"),
        24 => Pick("0000-00-00", "0/0/00", "=\"\""),
        < 28 => "=\"" + Good(field).Replace("\"", "\"\"", StringComparison.Ordinal) + "\"",
        < 34 when field.Key == "phone" => Blank() + PhonePair(),
        _ => Spelled(field),
    };

    /// <summary>A good value for an existing record. It points only to existing records.</summary>
    public string Stored(Field field) => (field.OfCompany ?? field).Key switch
    {
        "company_id" => Pick(companies).ToString(),
        "source_id" => Pick(sources).ToString(),
        "birthday" => "1990-02-28",
        "employee_count" => "1200",
        "annual_revenue" => "1.50",
        _ => Good(field),
    };

    /// <summary>Makes companies with these ids, in their order. Some share a name.</summary>
    public PlainRecord[] Companies(Guid[] ids)
    {
        string?[] domains = ["acme.com", "x.io", "y.io", "bolt.io", null, null];
        random.Shuffle(domains);
        return [.. ids.Select(
            (id, i) =>
            new PlainRecord { Id = id, ["name"] = Pick("Acme", "ACME", "Bolt Co", "Straße", "Elk"),
            ["domain"] = domains[i % domains.Length] })];
    }

    /// <summary>The tags of a stored record: none, a few, and now and then the maximum.</summary>
    public TagSet StoredTags() => TagSet.Read(
        random.Next(15) == 0 ? Many(random.Next(98, 101)) : Enumerable.Range(0, random.Next(4)).Select(_ => Tag()), out _);

    private static IEnumerable<string> Many(int count) => Enumerable.Range(0, count).Select(i => $"many {i}");

    private T Pick<T>(params T[] values) => values[random.Next(values.Length)];

    private string PhonePair() => Pick("+1 555 0001", "5550002", "555-0002")
        + Pick(" / ", ";", ", ", " or ", " ::: ", "\n", " | ", " +49 30 ") + Pick("5550004", "555 0005");

    private string Tag() => Pick("vip", "VIP", "new", "old  one", "Old one", "added");

    private string Spelled(Field field)
    {
        var value = Good(field);
        return random.Next(6) switch
        {
            0 => " " + value,
            1 => value + "\u00A0",
            2 when field.Kind is FieldKind.Email or FieldKind.Id or FieldKind.Reference or FieldKind.Choice
                || field.Key is "name" or "company.name" =>
                value.ToUpperInvariant(),
            3 when field.Kind == FieldKind.Choice => value.Replace(" ", "\u00A0 \t", StringComparison.Ordinal),
            _ => value,
        };
    }

    private string Bad(Field field) => random.Next(3) == 0 ? "a\0b" : field.Kind switch
    {
        FieldKind.Text => new string('x', field.MaxLength + 1),
        FieldKind.Tags => new string('t', TagSet.MaxTagLength + 1),
        _ => "no such thing!",
    };

    private string Good(Field field) => field switch
    {
        { OfCompany: { } own } => own.IsCustom ? GoodCustom(own) : GoodOwn(own),
        { MatchKey: not null } when _people > 0 => OwnOf(random.Next(6) == 0 ? random.Next(_people) : _person, field),
        { IsCustom: true } => GoodCustom(field),
        _ => GoodOwn(field),
    };

    /// <summary>A good value that belongs to one person alone. Choices are an exception, because they are few.</summary>
    public static string OwnOf(int person, Field field)
    {
        FormattableString text = field.Kind switch
        {
            FieldKind.Integer => $"{person}",
            FieldKind.Decimal => $"{person}00",
            FieldKind.Date or FieldKind.DateTime => $"{1960 + person}-03-05",
            FieldKind.Url or FieldKind.Domain => $"p{person}.com",
            FieldKind.Email => $"p{person}@x.io",
            FieldKind.Phone => $"555 01{person:00}",
            FieldKind.Choice => $"{RandomTypes.Options[person % RandomTypes.Options.Length]}",
            _ => $"Person {person}",
        };
        return FormattableString.Invariant(text);
    }

    private string GoodOwn(Field field) => field.Key switch
    {
        "id" => (KnownIds.Length > 0 && random.Next(5) > 0 ? Pick(KnownIds) : Guid.CreateVersion7()).ToString(),
        "email" => Pick("ann", "bo", "cy", "di") + Pick("@x.io", "@x.io", "@x.io", "@X.io", "@acme.com", "@GMail.com"),
        "external_id" => Pick("e1", "e2", "e3", "e4", "E1"),
        "phone" => Pick("+1 555 0001", "+15550001", "5550002", "555-0002", "(555) 0003", "030 / 5550002"),
        "first_name" or "last_name" => Pick("Ann", "Bo", "Ç \"elik\""),
        "name" => Pick("Acme", "acme", "Bolt  Co", "Bolt Co", "Straße", "Cog"),
        "company_name" => Pick("Acme", "acme", "Bolt  Co", "Bolt Co", "Straße", "Cog", "Dyn"),
        "domain" => Pick("acme.com", "https://www.Acme.com/x", "bolt.io", "www.bolt.io", "cog.net"),
        "company_id" => Pick([.. companies, .. companies, .. companies, foreign]).ToString(),
        "source_id" => Pick([.. sources, .. sources, .. sources, Guid.CreateVersion7()]).ToString(),
        "birthday" => Pick("1990-02-28", "1990/3/1", "1 Mar 1990", Format.Dates == DateFormat.MonthDayYear ? "3/1/1990" : "1.3.1990"),
        "employee_count" => Pick("12", Format.DecimalComma ? "1.200" : "1,200", "1 200", "-3"),
        "annual_revenue" => Format.DecimalComma ? Pick("1,50", "1.000,25", "1.50", "7") : Pick("1.50", "1,000.25", "1,50", "7"),
        "website" or "linkedin_url" or "url" => Pick("x.io", "https://y.io/a?b=c", "WWW.acme.com"),
        "tags" => string.Join(Delimiter, WrittenTags()),
        _ => Pick("Oslo", "Rome", "a,b"),
    };

    private string GoodCustom(Field field) => field.Kind switch
    {
        FieldKind.Integer => Pick("12", "12", "1,200", "-3", "-0", "9223372036854775807"),
        FieldKind.Decimal => Pick("1.50", "1.5", "1,000.25", "7", "7.00", "-0.0", "0", ".5", "12345678901234567890.12345678"),
        FieldKind.Boolean => Pick("yes", "TRUE", "0", "Off"),
        FieldKind.Date => Pick("1990-02-28", "1990/2/28", "1990.03.01", "1990-03-01 00:00:00"),
        FieldKind.DateTime => Pick("2025-06-15T14:30:00Z", "2025-06-15T16:30:00+02:00", "2025-06-15 14:30", "2025-06-15"),
        FieldKind.Url => Pick("x.io", "X.io", "https://y.io/a?b=\\c"),
        FieldKind.Email => Pick("ann@x.io", "Ann@X.io", "bo@x.io", "çy@x.io"),
        FieldKind.Phone => Pick("+1 555 0001", "+15550001", "5550002", "(555) 0003"),
        FieldKind.Choice => Pick(RandomTypes.Options),
        FieldKind.Tags => string.Join(Delimiter, WrittenTags()),
        _ => Pick("Oslo", "oslo", "\"a\",\\b", "line\nbreak\tand \u0001", "Straße \U0001F600", "\u2028|</script>"),
    };

    // Some tags are in quotes, and some have quotes that do not enclose them.
    private IEnumerable<string> WrittenTags() => Tags().Select(tag => random.Next(8) switch
    {
        0 => $"\"{tag}\"",
        1 => Pick($"\"{tag}{Delimiter} too\"", $" \"{tag}\" ", $"\"the \"\"{tag}\"\"\"", "\"\""),
        2 => Pick($"\"{tag}", $"{tag}\"", $"\"{tag}\" x", $"a \"{tag}\""),
        _ => tag,
    });

    private IEnumerable<string> Tags() => random.Next(30) == 0
        ? Many(random.Next(99, 101))
        : Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(6) == 0 ? " " : Tag());
}
