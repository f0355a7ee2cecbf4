using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes.Kinds;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Engine.Records.Types;

/// <summary>Reads the options of a choice: trimmed, distinct when compared like names, in the given order.</summary>
public static class ChoiceOptions
{
    /// <summary>Maximum options of a field.</summary>
    public const int MaxOptions = 500;

    /// <summary>Maximum Unicode scalar values in an option.</summary>
    public const int MaxLength = ChoiceType.MaxOptionLength;

    /// <summary>
    /// The options in stored form. <paramref name="faults"/> gets one fault for each refused option, or one for their number.
    /// </summary>
    public static string[] Read(IReadOnlyList<string> given, ICollection<Fault> faults)
    {
        if (given.Count is 0 or > MaxOptions)
        {
            faults.Add(new Fault("options", "out_of_range", $"Found {given.Count} options, expected 1 to {MaxOptions}."));
            return [];
        }

        var options = new string[given.Count];
        Dictionary<string, int> places = [];
        for (var i = 0; i < given.Count; i++)
        {
            if (Fault(given[i], i, places, out options[i]) is { } fault) faults.Add(fault);
        }

        return options;
    }

    /// <summary>An option in stored form; null if the text cannot be one.</summary>
    public static string? ReadOne(string text) => Fault(text, 0, [], out var option) is null ? option : null;

    /// <summary>What tells an option from others: case and white space do not.</summary>
    public static string? KeyOf(string option) => MatchKeys.Of(MatchKeyKind.Name, option);

    private static Fault? Fault(string given, int place, Dictionary<string, int> places, out string option)
    {
        option = Nfc.Of(Blank.Trim(given));
        var path = FormattableString.Invariant($"options[{place}]");
        if (given.Contains('\0') || !Blank.IsWellFormed(given))
        {
            return new Fault(path, "invalid_characters", "Holds a NUL or half a surrogate pair.");
        }

        if (MatchKeys.Of(MatchKeyKind.Name, option) is not { } key) return new Fault(path, "required", "Found a blank option.");
        var length = option.EnumerateRunes().Count();
        if (length > MaxLength) return new Fault(path, "too_long", $"Found {length} characters, expected at most {MaxLength}.");
        return places.TryAdd(key, place)
            ? null
            : new Fault(
                path,
                "duplicate_value",
                FormattableString.Invariant($"The same as options[{places[key]}]: case and white space do not tell options apart."));
    }
}
