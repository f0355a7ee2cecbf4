using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Knock;

/// <summary>Translates the properties of Knock's entities to the fields of a record, and back.</summary>
/// <param name="entity">The kind of the entities.</param>
/// <param name="type">Their record type.</param>
/// <param name="faults">Receives the properties that cannot be kept, each once.</param>
internal sealed class KnockProperties(KnockEntity entity, RecordType type, List<Fault> faults)
{
    private const string CreatedAt = "source_created_at", Typename = "__typename";

    /// <summary>Fields of a record that stand in an entity under another name.</summary>
    private static readonly string[] Members = ["external_id", CreatedAt];
    private static readonly string[] UserMembers = [.. Members, "first_name", "last_name", "email", "phone"];

    private readonly HashSet<string> _unknown = [];

    /// <param name="path">The item's path in the request.</param>
    /// <param name="id">The item's id.</param>
    /// <param name="item">An object, or the id itself.</param>
    public Dictionary<string, JsonElement> ToFields(string path, string id, JsonElement item)
    {
        Dictionary<string, JsonElement> fields = new() { ["external_id"] = Json(id) };
        if (item.ValueKind != JsonValueKind.Object) return fields;
        foreach (var property in item.EnumerateObject().Where(property => property.Name != "id"))
        {
            if (FaultOf(property.Name, property.Value) is { } fault)
                faults.Add(new Fault($"{path}.{Found.Shorten(property.Name)}", fault.Code, fault.Message));
            else if (property.Name == "name" && entity.IsUser) SplitName(property.Value, fields);
            else if (FieldOf(property.Name) is { } field) fields[field.Key] = property.Value;
        }

        // A record always has a name: one that is cleared is the id again.
        if (!entity.IsUser && fields.TryGetValue("name", out var name) && IsBlank(name)) fields["name"] = fields["external_id"];
        return fields;
    }

    /// <summary>The entity that a record is.</summary>
    public static JsonObject ToEntity(KnockEntity entity, StoredRecord record)
    {
        var values = CompatValues.FilledValuesOf(record);
        JsonNode? Copy(string key) => values[key]?.DeepClone();
        var written = new JsonObject { [Typename] = TypenameOf(entity), ["id"] = Copy("external_id") };
        if (entity.IsUser)
        {
            string[] names = [.. new[] { values["first_name"], values["last_name"] }.OfType<JsonNode>().Select(name => (string)name!)];
            written["name"] = names.Length > 0 ? string.Join(' ', names) : null;
            (written["email"], written["phone_number"]) = (Copy("email"), Copy("phone"));
        }
        else if (entity == KnockEntity.Tenants)
            (written["name"], written["settings"]) = (Copy("name"), null);
        else
            written["collection"] = entity.Collection;
        (written["created_at"], written["updated_at"]) = (Copy(CreatedAt), KnockOperation.Time(record.UpdatedAt));

        var properties = TypenameOf(entity) == "Object" ? new JsonObject() : written;
        var others = values.Where(value => !(entity.IsUser ? UserMembers : Members).Contains(value.Key));
        foreach (var (key, value) in others) properties.TryAdd(key, value?.DeepClone());

        if (properties != written) written["properties"] = properties;
        return written;
    }

    private static string TypenameOf(KnockEntity entity) =>
        entity.IsUser ? "User" : entity == KnockEntity.Tenants ? "Tenant" : "Object";

    private static string KeyOf(KnockEntity entity, string property) => property switch
    {
        "phone_number" when entity.IsUser => "phone",
        "created_at" => CreatedAt,
        _ => property,
    };

    private Field? FieldOf(string property) =>
        property == "external_id" || HasNoPlace(property) ? null : type.Find(KeyOf(entity, property));

    private bool HasNoPlace(string property) =>
        property is "channel_data" or "preferences" || (property == "settings" && entity == KnockEntity.Tenants);

    private Fault? FaultOf(string property, JsonElement value)
    {
        var isEmpty = value.ValueKind == JsonValueKind.Null
            || (value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == 0);
        if (HasNoPlace(property))
            return isEmpty ? null : new Fault("not_applicable", "There is nothing to keep this in: leave it out, or send {}.");
        var isKept = FieldOf(property) is not null || (property == "name" && entity.IsUser);
        if (isKept || !_unknown.Add(property)) return null;
        var advice = property == Typename
            ? "It is of answers only."
            : CompatFields.Advice(type, KeyOf(entity, property), value, property == "created_at" ? "datetime" : null);
        return new Fault("unknown_property", advice);
    }

    private static void SplitName(JsonElement name, Dictionary<string, JsonElement> fields)
    {
        (fields["first_name"], fields["last_name"]) = (name, Json(null));
        if (name.ValueKind != JsonValueKind.String) return;
        var text = name.GetString()!.Trim();
        var last = text.Length;
        while (last > 0 && !char.IsWhiteSpace(text[last - 1])) last--;
        if (last > 0) (fields["first_name"], fields["last_name"]) = (Json(text[..last].TrimEnd()), Json(text[last..]));
    }

    private static bool IsBlank(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetString()));

    private static JsonElement Json(string? text) => JsonSerializer.SerializeToElement(text);
}
