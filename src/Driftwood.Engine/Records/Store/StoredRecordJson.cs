using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Records.Store;

/// <summary>
/// The JSON form of a record: its id, its fields in the order of their type, custom fields, tags, and who created and changed
/// it when. Blank fields are null; they are never left out.
/// </summary>
internal sealed class StoredRecordJson : JsonConverter<StoredRecord>
{
    public override StoredRecord Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Records are only written as JSON; requests are read field by field.");

    public override void Write(Utf8JsonWriter writer, StoredRecord value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("id", value.Id);
        var index = 0;
        foreach (var field in value.Type.Columns)
        {
            writer.WritePropertyName(field.Key);
            if (value.Values[index++] is { } stored) field.Type.WriteColumn(writer, stored);
            else writer.WriteNullValue();
        }

        WriteCustom(writer, value);
        writer.WriteStartArray("tags");
        foreach (var tag in value.Tags) writer.WriteStringValue(tag);
        writer.WriteEndArray();
        writer.WriteString("created_at", Moment(value.CreatedAt));
        writer.WriteString("created_by", value.CreatedBy);
        writer.WriteString("updated_at", Moment(value.UpdatedAt));
        writer.WriteString("updated_by", value.UpdatedBy);
        writer.WriteEndObject();
    }

    // Values of deleted fields stay stored for a while. Only values of the type's current fields are shown.
    private static void WriteCustom(Utf8JsonWriter writer, StoredRecord value)
    {
        using var stored = JsonDocument.Parse(value.Custom);
        writer.WriteStartObject("custom");
        foreach (var field in value.Type.CustomFields)
        {
            writer.WritePropertyName(field.Key);
            CustomJson.Show(field, stored.RootElement, writer);
        }

        writer.WriteEndObject();
    }

    // A record's own time stamps are in milliseconds, like all times of the API. A field's value is not cut.
    private static string Moment(DateTime utc) => utc.ToString("yyyy-MM-ddTHH:mm:ss.FFFK", CultureInfo.InvariantCulture);
}
