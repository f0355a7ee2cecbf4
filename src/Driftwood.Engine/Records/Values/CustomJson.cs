using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// The JSON in which a record's custom values are stored: an object from slots to values, without blank ones. Numbers and
/// booleans are JSON's own; tags are <c>{"names": […], "keys": […]}</c>; every other value is a string in its stored form.
/// </summary>
internal static class CustomJson
{
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static void Begin(ByteBuffer output) => output.Append((byte)'{');

    public static void End(ByteBuffer output) => output.Append((byte)'}');

    /// <summary>Appends a value in its stored form, as <see cref="CellReader"/> returns it. Appends nothing for a blank value.</summary>
    public static void Add(Field field, ReadOnlySpan<byte> stored, ByteBuffer output)
    {
        if (stored.IsEmpty) return;
        AddSlot(field, output);
        if (field.Type.Form != LiteralForm.String) output.Append(stored);
        else AddString(stored, output);
    }

    /// <summary>Appends tags. Appends nothing if there are none.</summary>
    public static void Add(Field field, TagSet tags, ByteBuffer output)
    {
        if (tags.Names.Count == 0) return;
        AddSlot(field, output);
        output.Append("{\"names\":"u8);
        AddStrings(tags.Names, output);
        output.Append(",\"keys\":"u8);
        AddStrings(tags.Keys, output);
        output.Append((byte)'}');
    }

    /// <summary>Appends a cell's tags. Appends nothing if there are none.</summary>
    public static void Add(Field field, TagCell tags, ByteBuffer output)
    {
        if (tags.Count == 0) return;
        AddSlot(field, output);
        output.Append("{\"names\":"u8);
        AddStrings(tags.Names, output);
        output.Append(",\"keys\":"u8);
        AddStrings(tags.Keys, output);
        output.Append((byte)'}');
    }

    /// <summary>Writes the value of a slot as the API shows it; null if there is none.</summary>
    /// <param name="field">The custom field.</param>
    /// <param name="custom">The stored values.</param>
    /// <param name="writer">Gets the value.</param>
    public static void Show(Field field, JsonElement custom, Utf8JsonWriter writer)
    {
        if (!custom.TryGetProperty(field.Slot!.Value.ToString(CultureInfo.InvariantCulture), out var value)) writer.WriteNullValue();
        else field.Type.WriteCustom(writer, value);
    }

    private static void AddSlot(Field field, ByteBuffer output)
    {
        if (output.Written[^1] != '{') output.Append((byte)',');
        output.Append((byte)'"');
        var room = output.Take(10);
        field.Slot!.Value.TryFormat(room, out var written, provider: CultureInfo.InvariantCulture);
        output.Length -= room.Length - written;
        output.Append("\":"u8);
    }

    private static void AddStrings(IReadOnlyList<string> strings, ByteBuffer output)
    {
        output.Append((byte)'[');
        for (var i = 0; i < strings.Count; i++)
        {
            if (i > 0) output.Append((byte)',');
            AddString(Encoding.UTF8.GetBytes(strings[i]), output);
        }

        output.Append((byte)']');
    }

    private static void AddStrings(TagCell.Tags strings, ByteBuffer output)
    {
        output.Append((byte)'[');
        foreach (var text in strings)
        {
            if (output.Written[^1] != '[') output.Append((byte)',');
            AddString(text, output);
        }

        output.Append((byte)']');
    }

    private static void AddString(ReadOnlySpan<byte> utf8, ByteBuffer output)
    {
        output.Append((byte)'"');
        if (Encoder.FindFirstCharacterToEncodeUtf8(utf8) < 0)
        {
            output.Append(utf8);
        }
        else
        {
            var room = output.Take(utf8.Length * 6); // \u0000 for each byte at most
            if (Encoder.EncodeUtf8(utf8, room, out _, out var written) != OperationStatus.Done)
            {
                throw new InvalidOperationException("A value that was read as text is not UTF-8.");
            }

            output.Length -= room.Length - written;
        }

        output.Append((byte)'"');
    }
}
