using System.Globalization;
using System.Text.Json;

namespace Driftwood.Api.Platform.Requests;

/// <summary>Members of a request that come as text, in a path, a query or a form.</summary>
internal static class TextMember
{
    /// <summary>
    /// Writes a member as the JSON that its shape expects. A text that is no such value stays a text, and the reader of the request refuses
    /// it in its own words.
    /// </summary>
    public static void Write(Utf8JsonWriter writer, Shape request, string name, string value)
    {
        writer.WritePropertyName(name);
        var kind = request.Members.TryGetValue(name, out var member) ? member.Shape.Kind : ShapeKind.Text;
        var isNumber = long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (kind == ShapeKind.Integer && isNumber) writer.WriteNumberValue(number);
        else if (kind == ShapeKind.Boolean && value is "true" or "false") writer.WriteBooleanValue(value == "true");
        else writer.WriteStringValue(value);
    }
}
