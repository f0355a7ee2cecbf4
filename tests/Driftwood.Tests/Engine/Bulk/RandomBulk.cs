using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>Random operations on records of a type, and their JSON parameters.</summary>
internal sealed class RandomBulk(Random random, CellPicker cells, RecordType type)
{
    private readonly bool _apart = random.Next(2) == 0;

    /// <summary>Says whether values of unique fields are only cleared, never given.</summary>
    public bool GivesNoUniqueValues { get; init; }

    /// <param name="operation">An operation of <see cref="BulkCell"/>.</param>
    public PlainBulk Make(string operation) => operation switch
    {
        "delete" => new("delete"),
        "update" => MakeUpdate(),
        BulkCell.SetTags => new("tag") { SetTags = Tags() },
        _ => new("tag") { Add = Tags(), Remove = Tags() },
    };

    public string Parameters(PlainBulk bulk)
    {
        Dictionary<string, object?> members = [];
        if (bulk.Operation == "update")
        {
            Dictionary<string, object?> fields = [];
            Dictionary<string, object?> custom = [];
            foreach (var (key, value) in bulk.Fields) (IsApart(key) ? custom : fields)[key] = Json(type.Find(key)!, value);
            foreach (var (key, list) in bulk.Lists) (IsApart(key) ? custom : fields)[key] = list;
            if (custom.Count > 0) fields["custom"] = custom;
            if (bulk.SetTags is { } tags) fields["tags"] = tags;
            members["fields"] = fields;
        }
        else
        {
            if (bulk.SetTags is { } all) members["set"] = all;
            if (bulk.Add is { } add) members["add"] = add;
            if (bulk.Remove is { } remove) members["remove"] = remove;
        }

        return JsonSerializer.Serialize(members);
    }

    // Custom values are in a separate object or beside the other values.
    private bool IsApart(string key) => type.Find(key)!.IsCustom && _apart;

    // A number or a boolean may be a JSON value, or text in any spelling that a cell may have. The JSON value 7.00 is 7. Text keeps its
    // zeros.
    private object? Json(Field field, string? value)
    {
        if (value is null || _apart || field.Kind is not (FieldKind.Integer or FieldKind.Decimal or FieldKind.Boolean)) return value;
        var stored = PlainRecord.Stored(field, value)!;
        return stored.Contains(".0", StringComparison.Ordinal) ? value : JsonNode.Parse(stored);
    }

    private PlainBulk MakeUpdate()
    {
        var clearsNames = type.AnyOf.Count > 0 && random.Next(3) == 0;
        Dictionary<string, string?> fields = [];
        Dictionary<string, string[]> lists = [];
        foreach (var field in type.Fields.Where(f => f is { IsTags: false, IsReadOnly: false }))
        {
            var clears = !field.Required && random.Next(4) == 0;
            if (clearsNames && type.AnyOf.Contains(field.Key) && random.Next(6) > 0) fields[field.Key] = null;
            else if (random.Next(field.IsCustom ? 3 : field.Unique ? 8 : 5) > 0) continue;
            else if (field.Kind == FieldKind.Tags) lists[field.Key] = clears ? [] : Tags();
            else if (clears) fields[field.Key] = null;
            else if (!(field.Unique && GivesNoUniqueValues)) fields[field.Key] = cells.Stored(field);
        }

        // This company does not exist in the account.
        if (type.Find("company_id") is not null && random.Next(6) == 0) fields["company_id"] = Guid.CreateVersion7().ToString();
        var tags = fields.Count + lists.Count == 0 || random.Next(4) == 0 ? Tags() : null;
        return new PlainBulk("update") { Fields = fields, Lists = lists, SetTags = tags };
    }

    // There is at least one tag, because the engine refuses an operation without any.
    private string[] Tags() => [.. cells.StoredTags().Names.Take(TagSet.MaxTags - 1), "VIP"];
}
