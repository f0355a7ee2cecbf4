using System.Text;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>Says of the values of a column whether they can be those of a field.</summary>
internal static class SampleKinds
{
    /// <summary>Share of the values that must look alike, because files have stray cells.</summary>
    private const double Share = 0.8;

    /// <summary>Longer digits are ids or phones, not counts.</summary>
    private const int MaxCodeDigits = 4;

    /// <summary>Whether the values speak against the field. No values speak against none.</summary>
    /// <param name="field">The field that the header suggests.</param>
    /// <param name="samples">The column's values, without blank ones.</param>
    public static bool Refute(Field field, IReadOnlyList<string> samples)
    {
        if (samples.Count == 0) return false;
        return field.Key switch
        {
            "job_title" => samples.All(IsSalutation) || samples.All(value => Reads(FieldKind.Email, value)),
            "state" or "city" => samples.All(value => IsStatus(value) || value.Contains('@') || IsLongNumber(value)),
            "country" => samples.All(value => value.Contains('@') || IsLongNumber(value)),
            "first_name" or "last_name" => AreNoNames(samples),
            "external_id" => samples.All(value => value.Contains('@') || value.Contains("://", StringComparison.Ordinal)),
            _ => field.Kind switch
            {
                FieldKind.Email => samples.All(IsNoEmail),
                FieldKind.Phone => !samples.Any(value => value.Count(char.IsDigit) >= 3)
                    || samples.All(value => value.Contains('@') || value.Contains("://", StringComparison.Ordinal)),
                FieldKind.Date or FieldKind.DateTime => !samples.Any(value => value.Any(char.IsDigit)) || samples.All(IsLongNumber),
                FieldKind.Integer or FieldKind.Decimal =>
                    !samples.Any(value => Reads(field.Kind, value) || Reads(field.Kind, value, decimalComma: true)),
                FieldKind.Url or FieldKind.Domain =>
                    !samples.Any(value => Reads(FieldKind.Url, value) || IsScheme(value)),
                _ => false,
            },
        };
    }

    /// <summary>Whether the values are objects or lists of JSON, which no field holds.</summary>
    public static bool AreJson(IReadOnlyList<string> samples) => samples.Count > 0 && samples.All(
        value => value.StartsWith("{\"", StringComparison.Ordinal) || value.StartsWith("[{", StringComparison.Ordinal)
            || value.StartsWith("[[", StringComparison.Ordinal));

    /// <summary>The field that such values fit, where the header says nothing. No field that rows are matched on, and no date.</summary>
    public static Field? Guess(RecordType type, IReadOnlyList<string> samples)
    {
        if (samples.Count == 0) return null;
        if (AreProfiles(samples) && type.Find("linkedin_url") is { } linkedIn) return linkedIn;
        // A host may be the domain of a company, which rows are matched on.
        var hasDomain = type.Fields.Any(field => field.Kind == FieldKind.Domain);
        return Most(samples, IsWebAddress) || (!hasDomain && Most(samples, IsHost))
            ? type.Fields.FirstOrDefault(field => field.Kind == FieldKind.Url && field.MatchKey is null)
            : null;
    }

    /// <summary>Whether the values are no names of people: numbers such as #1001, or addresses.</summary>
    public static bool AreNoNames(IReadOnlyList<string> samples) =>
        samples.Count > 0 && samples.All(value => !value.Any(char.IsLetter) || value.Contains('@') || IsWebAddress(value));

    /// <summary>Whether all values are the pages of people on linkedin.com.</summary>
    public static bool AreProfiles(IReadOnlyList<string> samples) => samples.Count > 0 && samples.All(IsProfile);

    public static bool IsId(string value) => Reads(FieldKind.Id, value);

    private static bool Most(IReadOnlyList<string> samples, Func<string, bool> fits) => samples.Count(fits) >= samples.Count * Share;

    private static bool IsSalutation(string value) => HeaderWords.Of(value).All(ColumnNames.Salutations.Contains);

    // A yes or no, a number, a date or a web address. Anything else may be a broken address, which is an error to correct.
    private static bool IsNoEmail(string value) =>
        !value.Contains('@') && (IsStatus(value) || value.All(c => char.IsDigit(c) || char.IsPunctuation(c) || c is ' ' or '+')
            || Reads(FieldKind.DateTime, value) || value.Contains("://", StringComparison.Ordinal));

    private static bool IsStatus(string value) => ColumnNames.Statuses.Contains(HeaderWords.Join(value));

    private static bool IsLongNumber(string value) => value.Length > MaxCodeDigits && value.All(c => char.IsDigit(c) || c is '+' or ' ');

    private static bool IsScheme(string value) => value is "http://" or "https://";

    private static bool IsProfile(string value)
    {
        if (!IsWebAddress(value)) return false;
        var host = value.AsSpan(value.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0);
        var path = host.IndexOf('/');
        if (path < 0) return false;
        var name = host[..path];
        return (name.Equals("linkedin.com", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".linkedin.com", StringComparison.OrdinalIgnoreCase))
            && !host[path..].StartsWith("/company", StringComparison.OrdinalIgnoreCase)
            && !host[path..].StartsWith("/school", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsWebAddress(string value) =>
        (value.Contains('/') || value.StartsWith("www.", StringComparison.OrdinalIgnoreCase)) && Reads(FieldKind.Url, value);

    // Without a slash it must be a name: 192.168.1.10 is the address of a computer.
    private static bool IsHost(string value) => !char.IsAsciiDigit(value[^1]) && Reads(FieldKind.Domain, value);

    private static bool Reads(FieldKind kind, string value, bool decimalComma = false)
    {
        var format = new CellFormat(default, decimalComma) { IsFile = true };
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        return CellReader.TryRead(new Field("", "", kind), Encoding.UTF8.GetBytes(value), scratch, out var stored, out _, format)
            && !stored.IsEmpty;
    }
}
