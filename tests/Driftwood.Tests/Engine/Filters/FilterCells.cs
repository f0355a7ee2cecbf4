using System.Text;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>
/// Picks values for records and filters. Each field has few values, so hits are common. The texts are awkward, with two
/// exceptions. The lower-case form of İ is two characters. The lower-case form of Σ depends on its place in the word; ICU (ILIKE)
/// knows this, but the oracle's comparison letter by letter does not.
/// </summary>
internal sealed class FilterCells(Random random, Guid[] references, Guid[] users)
{
    private static readonly string[] Texts =
        ["Ann", "ann", "ANN B", "O'Brien", "100%", "100 %", "a_b", "aXb", @"back\slash", @"\%", "Straße", "STRASSE", "Ørsted",
            "ørsted øre", "ÆRØ", "Éa Жя", "😀 smile", "\"q\"", "$1", "{}", "ﬃ", "Ǆ"];

    private static readonly string[] Emails = [
        "ann@x.io", "bo@x.io", "o'neil+crm@mail.example", "a_b@x.io", "Jäne@Bücher.example", "cy%1@y.io", "ØRE@x.io"];
    private static readonly string[] Phones = ["+1 555 0001", "555-0001", "(555) 0003", "555 0001 x12", "+47 22 33 44 55", "110"];
    private static readonly string[] Urls = ["acme.com", "https://www.bolt.io/a?b=c", "b_c.io/100%25", "http://COG.net", "www.d.io"];

    public T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];

    /// <summary>A good value, not always in its stored form. It is not for tags.</summary>
    public string Value(Field field) => field.Kind switch
    {
        FieldKind.Integer => Pick(["0", "-3", "7", "12", "1200", "9223372036854775807", "-9223372036854775808"]),
        FieldKind.Decimal => Pick(["0", "1.5", "1.50", "-2.25", "7", "1000.25", "1234567890123456789012345678"]),
        FieldKind.Boolean => Pick(["true", "false"]),
        FieldKind.Date => Pick(["1990-02-28", "1990-03-01", "2024-02-29", "0001-01-01", "9999-12-31"]),
        FieldKind.DateTime =>
            Pick(["2025-06-15T14:30:00Z", "2025-06-15T14:30:00.123456Z", "2025-06-15T16:30:00+02:00", "1969-12-31", "2026-01-01"]),
        FieldKind.Email => Pick(Emails),
        FieldKind.Phone => Pick(Phones),
        FieldKind.Url or FieldKind.Domain => Pick(Urls),
        FieldKind.Choice => Pick(field.Options),
        FieldKind.Id => Guid.CreateVersion7().ToString(),
        FieldKind.Reference => Pick(field.Target is null ? users : references).ToString(),
        _ => Pick(Texts),
    };

    public string Tag() => Pick(["vip", "VIP", "new", "old  one", "Old one", "O'Brien", "100%", "Straße", "😀", "{a,b}", "\"q\""]);

    /// <summary>Another spelling of the value. Now and then it means the same.</summary>
    public string Respelled(string value) => random.Next(8) switch
    {
        0 or 1 => value.ToUpperInvariant(),
        2 or 3 => value.ToLowerInvariant(),
        4 => $" {value}\u00A0",
        5 => value.Replace(" ", "  ", StringComparison.Ordinal),
        6 => value.Replace(" ", "", StringComparison.Ordinal),
        _ => value,
    };

    /// <summary>A run of consecutive characters of the value.</summary>
    public string Part(string value, bool fromStart)
    {
        var runes = value.EnumerateRunes().ToArray();
        var from = fromStart ? 0 : random.Next(runes.Length);
        return string.Concat(runes[from..(from + random.Next(1, runes.Length - from + 1))]);
    }

    /// <summary>A pattern that often matches the value.</summary>
    public string Pattern(string value)
    {
        StringBuilder pattern = new();
        foreach (var rune in value.EnumerateRunes())
        {
            pattern.Append(random.Next(8) switch
            {
                0 => "_",
                1 => "%",
                2 => $"%{rune}",
                3 when rune.Value is '%' or '_' => rune.ToString(),
                4 => $@"\{rune}",
                _ when rune.Value is '%' or '_' or '\\' => $@"\{rune}",
                _ => rune.ToString(),
            });
        }

        return pattern.ToString();
    }
}
