using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>Reads items like records of a request: an absent field stays, null clears it, and a list of tags replaces the tags.</summary>
internal sealed class ItemReader(RecordType type, ItemsOperation operation)
{
    // Enough faults to correct an item, and few enough for one message.
    private const int MaxFaultsTold = 5;
    private const int MaxMessage = 2_000;

    private const int MaxRef = 255;

    private readonly bool _takesId = operation.Action == ItemAction.Update || operation.MatchOn == RecordType.Id;

    /// <param name="index">The item's place in the caller's list, from 0.</param>
    /// <param name="json">A JSON object.</param>
    public Item Read(long index, JsonElement json)
    {
        List<Fault> faults = [];
        List<KeyValuePair<string, JsonElement>> fields = [];
        Guid? id = null;
        foreach (var member in json.EnumerateObject())
        {
            if (_takesId && member.Name == "id") id = ReadId(member.Value, faults);
            else if (member.Name == Item.RefName) CheckRef(member.Value, faults);
            else fields.Add(KeyValuePair.Create(member.Name, member.Value));
        }

        var values = RecordJson.Read(type, fields, faults, takesText: true);
        var key = id is null && MatchField is { MatchKey: { } kind } match && values[match.Key] is { } value
            ? MatchKeys.Of(kind, value)
            : null;
        if (faults.Count == 0 && operation.Action == ItemAction.Update) faults.AddRange(FaultsOfUpdate(values, id, key));
        return new Item(index, values)
        {
            Id = id,
            RecordId = id,
            Key = key,
            Lack = values.MissingIn(type).FirstOrDefault(),
            Blanked = values.BlankedIn(type).FirstOrDefault(),
            Fault = faults.Count == 0 ? null : new Fault(faults[0].Code, Message(faults)),
        };
    }

    private Field? MatchField => operation.Action == ItemAction.Update ? type.Find("external_id") : operation.MatchOn;

    private static IEnumerable<Fault> FaultsOfUpdate(RecordValues values, Guid? id, string? key)
    {
        if (id is null && key is null)
        {
            yield return new Fault("id", "required", "Expected an id or an external_id, to say which record is meant.");
        }
        else if (!values.Mentioned.Any(field => id is not null || field != "external_id"))
        {
            yield return new Fault("fields", "required", "Expected at least one field to set.");
        }
    }

    private static Guid? ReadId(JsonElement json, List<Fault> faults)
    {
        if (json.ValueKind == JsonValueKind.Null) return null;
        if (json.ValueKind == JsonValueKind.String && json.TryGetGuid(out var id)) return id;
        faults.Add(json.ValueKind == JsonValueKind.String
            ? new Fault("id", "invalid_uuid", "Expected a uuid such as 550e8400-e29b-41d4-a716-446655440000.")
            : new Fault("id", "wrong_type", $"Found {JsonText.KindOf(json)}, expected a uuid."));
        return null;
    }

    // It stays in the stored item, from which results read it.
    private static void CheckRef(JsonElement json, List<Fault> faults)
    {
        if (json.ValueKind == JsonValueKind.Null) return;
        if (json.ValueKind != JsonValueKind.String)
        {
            faults.Add(new Fault(Item.RefName, "wrong_type", $"Found {JsonText.KindOf(json)}, expected a text."));
        }
        else if (JsonText.String(json).Length > MaxRef)
        {
            faults.Add(new Fault(Item.RefName, "too_long", $"Expected at most {MaxRef} characters."));
        }
    }

    private static string Message(List<Fault> faults)
    {
        var message = string.Join(' ', faults.Take(MaxFaultsTold).Select(fault => $"{fault.Path}: {fault.Message}"));
        if (message.Length <= MaxMessage) return message;
        return message[..(char.IsHighSurrogate(message[MaxMessage - 1]) ? MaxMessage - 1 : MaxMessage)] + "…";
    }
}
