using System.Text;
using PhoneNumbers;

namespace Driftwood.Engine.Records.Cells;

/// <summary>Adds the country code to numbers that are written as they are dialled inside a country.</summary>
public static class PhoneCountries
{
    /// <summary>The countries whose numbers are known, as in ISO 3166, in order.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. PhoneNumberUtil.GetInstance().GetSupportedRegions().Order(StringComparer.Ordinal)];

    private static readonly HashSet<string> Known = [.. All];

    /// <summary>Whether the numbers of a country are known.</summary>
    public static bool IsKnown(string country) => Known.Contains(country);

    /// <summary>
    /// Writes the number in the form E.164, with an extension after <c>x</c>. Returns 0 if the number is none of the country, such as
    /// one without an area code.
    /// </summary>
    /// <param name="value">A number without a country code.</param>
    /// <param name="country">One of <see cref="All"/>.</param>
    /// <param name="international">Room for 64 bytes.</param>
    internal static int ToInternational(ReadOnlySpan<byte> value, string country, Span<byte> international)
    {
        var numbers = PhoneNumberUtil.GetInstance();
        PhoneNumber number;
        try
        {
            number = numbers.Parse(Encoding.UTF8.GetString(value), country);
        }
        catch (NumberParseException)
        {
            // Fewer digits than any number of the country has: it stays as it is written.
            return 0;
        }

        if (numbers.IsPossibleNumberWithReason(number) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE) return 0;
        var text = numbers.Format(number, PhoneNumberFormat.E164);
        if (number.HasExtension) text += " x" + number.Extension;
        return Encoding.UTF8.TryGetBytes(text, international, out var written) ? written : 0;
    }
}
