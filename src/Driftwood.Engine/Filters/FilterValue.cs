using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Unicode;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Filters;

/// <summary>Reads a comparison's value from JSON or from a query.</summary>
internal static class FilterValue
{
    private static readonly Fault BlankValue = new(
        "blank_value", "A blank value compares with nothing; blank fields are found by is_blank (IS NULL in a query).");
    private static readonly Fault NothingComparable = new(
        "blank_value", "Nothing is left of the value to compare once it is normalised for the field.");
    private static readonly Fault LoneBackslash = new("invalid_pattern", "A pattern cannot end in a single backslash; two stand for one.");

    /// <summary>Describes one valid value in error messages.</summary>
    public static string Expected(Field field) => field.Type.IsList ? "a string" : field.Type.Expected;

    /// <summary>The value in the form of <see cref="Comparison.Values"/>; null when there is a fault.</summary>
    public static string? Read(Field field, FilterOperator op, string text, out Fault? fault)
    {
        string? value = null;
        text = Nfc.Of(text);
        fault = text.Contains('\0') || !Blank.IsWellFormed(text) ? CellFaults.Characters : field.Type switch
        {
            { IsList: true } => ReadTag(text, out value),
            { ComparesText: true } => ReadText(field, op, text, out value),
            _ => ReadTyped(field, text, out value),
        };
        return fault is null ? value : null;
    }

    /// <summary>Each value once. Tags are equal when their keys are equal.</summary>
    public static IReadOnlyList<string> Distinct(Field field, IEnumerable<string> values) =>
        [.. field.Type.IsList ? values.DistinctBy(MatchKeys.OfTag) : values.Distinct()];

    private static Fault? ReadTag(string text, out string? value)
    {
        var tags = TagSet.Read([text], out var fault);
        value = tags.Names.Count == 0 ? null : tags.Names[0];
        return value is null ? fault ?? BlankValue : fault;
    }

    private static Fault? ReadText(Field field, FilterOperator op, string text, out string? value)
    {
        value = Encoding.UTF8.GetString(Blank.Trim(Encoding.UTF8.GetBytes(text)));
        if (value.Length == 0) return BlankValue;
        var keyKind = FilterKeys.Of(field, op);
        if (keyKind is { } kind && MatchKeys.Of(kind, value) is null) return NothingComparable;
        if (op is FilterOperator.Contains or FilterOperator.Like or FilterOperator.Ilike
            || (op == FilterOperator.StartsWith && keyKind is null))
        {
            value = text;
        }

        if (value.Length > FilterLimits.MaxTextLength
            && value.EnumerateRunes().Count() is var length && length > FilterLimits.MaxTextLength)
        {
            return CellFaults.TooLong(length, FilterLimits.MaxTextLength);
        }

        return op is FilterOperator.Like or FilterOperator.Ilike && EndsInLoneBackslash(value) ? LoneBackslash : null;
    }

    private static Fault? ReadTyped(Field field, string text, out string? value)
    {
        value = null;
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(field, Encoding.UTF8.GetBytes(text), scratch, out var stored, out var fault)) return fault;
        value = Encoding.UTF8.GetString(stored);
        return value.Length == 0 ? BlankValue : null;
    }

    private static bool EndsInLoneBackslash(string pattern) => (pattern.Length - pattern.AsSpan().TrimEnd('\\').Length) % 2 == 1;
}
