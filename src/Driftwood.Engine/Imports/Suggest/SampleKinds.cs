using System.Text;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>Guesses the field of a column by its values, where the header tells nothing.</summary>
internal static class SampleKinds
{
    /// <summary>Share of the values that must look alike, because files have stray cells.</summary>
    private const double Share = 0.8;

    /// <summary>Names of dates that belong to the row and not to the person or thing it describes.</summary>
    private static readonly string[] OtherDates =
    [
        "created", "updated", "modified", "changed", "added", "joined", "signup", "signedup", "registered",
        "since", "last", "first", "next", "due", "closed", "start", "end", "timestamp",
    ];

    /// <summary>The field that such values fit, or null.</summary>
    /// <param name="type">The type whose field it is.</param>
    /// <param name="header">Letters and digits only, lower case.</param>
    /// <param name="samples">The column's values, blank ones left out.</param>
    public static Field? Guess(RecordType type, string header, IReadOnlyList<string> samples)
    {
        if (samples.Count == 0) return null;
        if (Most(samples, value => Reads(FieldKind.Email, value))) return First(type, FieldKind.Email);
        if (Most(samples, IsDate))
        {
            return OtherDates.Any(word => header.Contains(word, StringComparison.Ordinal)) ? null : First(type, FieldKind.Date);
        }

        if (Most(samples, IsPhone)) return First(type, FieldKind.Phone);
        if (Most(samples, IsLinkedIn) && type.Find("linkedin_url") is { } linkedIn) return linkedIn;
        if (Most(samples, IsWebAddress)) return First(type, FieldKind.Url);
        return Most(samples, IsHost) ? First(type, FieldKind.Domain) ?? First(type, FieldKind.Url) : null;
    }

    public static bool IsId(string value) => Reads(FieldKind.Id, value);

    private static Field? First(RecordType type, FieldKind kind) => type.Fields.FirstOrDefault(field => field.Kind == kind);

    private static bool Most(IReadOnlyList<string> samples, Func<string, bool> fits) => samples.Count(fits) >= samples.Count * Share;

    // The parts can have any order: 28/02/1990 would otherwise be a phone number.
    private static bool IsDate(string value) =>
        Enum.GetValues<DateFormat>().Any(format => Reads(FieldKind.Date, value, new CellFormat(format, false)));

    // Bare digits may just as well be another number. Groups of three with spaces are more likely a phone number.
    private static bool IsPhone(string value) =>
        value.Count(char.IsAsciiDigit) >= 7 && (value[0] == '+' || IsGrouped(value)) && Reads(FieldKind.Phone, value);

    private static bool IsGrouped(string value) =>
        value.IndexOfAny([' ', '-', '(', '/', '.']) >= 0
        && (value.Contains(' ') || !Reads(FieldKind.Decimal, value)) && !Reads(FieldKind.Url, value);

    private static bool IsLinkedIn(string value) =>
        IsWebAddress(value) && value.Contains("linkedin.com", StringComparison.OrdinalIgnoreCase);

    private static bool IsWebAddress(string value) =>
        (value.Contains('/') || value.StartsWith("www.", StringComparison.OrdinalIgnoreCase)) && Reads(FieldKind.Url, value);

    // Without a slash it must be a name: 192.168.1.10 is the address of a computer.
    private static bool IsHost(string value) => !char.IsAsciiDigit(value[^1]) && Reads(FieldKind.Domain, value);

    private static bool Reads(FieldKind kind, string value, CellFormat format = default)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        return CellReader.TryRead(new Field("", "", kind), Encoding.UTF8.GetBytes(value), scratch, out var stored, out _, format)
            && !stored.IsEmpty;
    }
}
