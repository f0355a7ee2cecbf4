using System.Text;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Json;

/// <summary>
/// Filters as JSON: <c>{"and": […]}</c>, <c>{"or": […]}</c>, <c>{"not": …}</c> or <c>{"field": …, "op": …, "value": …}</c>. Numbers
/// and booleans are JSON's own. All other values are strings. The values of a list operator are an array.
/// </summary>
public static class FilterJson
{
    /// <summary>Reads and checks a filter on records of the type.</summary>
    /// <param name="type">The type whose fields can be compared.</param>
    /// <param name="json">Any JSON. No content makes this method throw.</param>
    /// <param name="faults">Gets the faults, at most <see cref="FilterLimits.MaxFaults"/>.</param>
    /// <returns>The filter; null when there are faults.</returns>
    public static Filter? Read(RecordType type, JsonElement json, ICollection<Fault> faults) =>
        new FilterJsonReader(type, faults).Read(json, "filter", 0);

    /// <summary>Writes the filter in the form that <see cref="Read"/> accepts.</summary>
    public static string Write(Filter filter)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) Write(writer, filter);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Writes the filter as one JSON value.</summary>
    public static void Write(Utf8JsonWriter writer, Filter filter)
    {
        writer.WriteStartObject();
        switch (filter)
        {
            case And and:
                WriteAll(writer, "and", and.Conditions);
                break;
            case Or or:
                WriteAll(writer, "or", or.Conditions);
                break;
            case Not not:
                writer.WritePropertyName("not");
                Write(writer, not.Condition);
                break;
            case Comparison comparison:
                WriteMembers(writer, comparison);
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteAll(Utf8JsonWriter writer, string name, IReadOnlyList<Filter> conditions)
    {
        writer.WriteStartArray(name);
        foreach (var condition in conditions) Write(writer, condition);
        writer.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter writer, Comparison comparison)
    {
        writer.WriteString("field", comparison.Field.Key);
        writer.WriteString("op", FilterOperators.Name(comparison.Operator));
        if (comparison.Values.Count == 0) return;
        writer.WritePropertyName("value");
        if (FilterOperators.MaxValues(comparison.Operator) == 1)
        {
            WriteValue(writer, comparison.Field, comparison.Values[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var value in comparison.Values) WriteValue(writer, comparison.Field, value);
        writer.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, Field field, string value)
    {
        switch (field.Type.Form)
        {
            case LiteralForm.Number:
                writer.WriteRawValue(value);
                break;
            case LiteralForm.Boolean:
                writer.WriteBooleanValue(value == "true");
                break;
            default:
                writer.WriteStringValue(value);
                break;
        }
    }
}
