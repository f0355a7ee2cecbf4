using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;
using static System.FormattableString;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>The SQL of the values that a staged row <c>s</c> gives the record <c>r</c> that it matches.</summary>
internal sealed class ChangedValues(ImportPlan plan)
{
    /// <summary>Each column that changes, with its new value.</summary>
    public IEnumerable<(string Column, string Value)> Sets => plan.Merges ? Merged() : Overwritten();

    /// <summary>A built-in field's value after the change.</summary>
    public string After(string fieldKey)
    {
        var column = plan.Columns.FirstOrDefault(c => c.Field.Key == fieldKey);
        if (column is not null) return ByPolicy(column.Policy, fieldKey, StageSql.Value(column.Field), fieldKey);
        return plan.Merges || fieldKey == "external_id" ? "r." + fieldKey : "null";
    }

    /// <summary>The record's <c>tags</c> or <c>tag_keys</c> after a merge.</summary>
    public string TagsAfterMerge(string column) => plan.Clears && plan.Tags is not null
        ? $"case when s.tags_blank then s.{column} else {United(column)} end"
        : United(column);

    private IEnumerable<(string Column, string Value)> Merged()
    {
        foreach (var column in plan.Own.Where(column => column.Field.Kind != FieldKind.Id && column.Policy != ColumnPolicy.CreateOnly))
        {
            foreach (var (name, value) in Given(column))
            {
                yield return column.Policy == ColumnPolicy.Overwrite ? Kept(name, value) : (name, value);
            }
        }

        if (plan.Company is not null) yield return ("company_id", "coalesce(s.link_id, r.company_id)");
        if (CustomSlots(ColumnPolicy.Overwrite, ColumnPolicy.FillBlank).Length > 0)
        {
            var kept = plan.Clears ? $"(r.custom - {SlotArray(CustomSlots(ColumnPolicy.Overwrite))})" : "r.custom";
            yield return ("custom", $"{Filling}{kept} || {Custom(ColumnPolicy.Overwrite)}");
        }

        if (!plan.StagesTags) yield break;
        yield return ("tags", TagsAfterMerge("tags"));
        yield return ("tag_keys", TagsAfterMerge("tag_keys"));
    }

    private (string Column, string Value) Kept(string column, string value) =>
        (column, plan.Clears ? value : $"coalesce({value}, r.{column})");

    /// <summary>The record's tags, followed by the row's tags that it does not have yet.</summary>
    private static string United(string column)
    {
        var element = column == "tags" ? "t.name" : "t.key";
        return $"""
            case when s.tag_keys <@ r.tag_keys then r.{column}
                 else r.{column} || (
                     select array_agg({element} order by t.place)
                     from unnest(s.tags, s.tag_keys) with ordinality as t(name, key, place)
                     where t.key <> all (r.tag_keys))
            end
            """;
    }

    private IEnumerable<(string Column, string Value)> Overwritten()
    {
        foreach (var field in plan.Type.Columns)
        {
            if (plan.Columns.FirstOrDefault(column => column.Field == field) is { } mapped)
            {
                foreach (var given in mapped.Policy == ColumnPolicy.CreateOnly ? [] : Given(mapped)) yield return given;
                continue;
            }

            if (field.Key == "external_id" || field.IsReadOnly) continue;
            yield return (field.Key, field.Key == "company_id" && plan.Company is not null ? "s.link_id" : "null");
            if (field.KeyColumn is { } key) yield return (key, "null");
        }

        yield return ("custom", $"{Filling}{KeptCustom}{Custom(ColumnPolicy.Overwrite)}");
        yield return ("tags", plan.StagesTags ? "s.tags" : "'{}'::text[]");
        yield return ("tag_keys", plan.StagesTags ? "s.tag_keys" : "'{}'::text[]");
    }

    /// <summary>The columns of a field with the values that its policy gives them.</summary>
    private static IEnumerable<(string Column, string Value)> Given(MappedColumn column)
    {
        var field = column.Field;
        yield return (field.Key, ByPolicy(column.Policy, field.Key, StageSql.Value(field), field.Key));
        if (field.KeyColumn is { } key) yield return (key, ByPolicy(column.Policy, key, "s." + StageSql.KeyColumn(field), field.Key));
    }

    private static string ByPolicy(ColumnPolicy policy, string column, string value, string field) => policy switch
    {
        ColumnPolicy.CreateOnly => $"r.{column}",
        ColumnPolicy.FillBlank => $"case when r.{field} is null then {value} else r.{column} end",
        _ => value,
    };

    /// <summary>The row's custom values that blank fields get, and that the record's own are put over; empty if there are none.</summary>
    private string Filling => CustomSlots(ColumnPolicy.FillBlank).Length > 0 ? $"{Custom(ColumnPolicy.FillBlank)} || " : "";

    /// <summary>The record's values of the custom fields that an overwriting row does not replace.</summary>
    private string KeptCustom
    {
        get
        {
            var kept = CustomSlots(ColumnPolicy.FillBlank, ColumnPolicy.CreateOnly);
            if (kept.Length == 0) return "";
            var values = $"select jsonb_object_agg(c.key, c.value) from jsonb_each(r.custom) c where c.key = any ({SlotArray(kept)})";
            return $"coalesce(({values}), '{{}}') || ";
        }
    }

    /// <summary>The row's values of the custom fields with a policy.</summary>
    private string Custom(ColumnPolicy policy)
    {
        if (CustomSlots(policy).Length == 0) return "'{}'::jsonb";
        var others = CustomSlots([.. Enum.GetValues<ColumnPolicy>().Where(each => each != policy)]);
        return others.Length == 0 ? "s.custom" : $"(s.custom - {SlotArray(others)})";
    }

    private string[] CustomSlots(params ColumnPolicy[] policies) =>
        [.. plan.Custom.Where(column => policies.Contains(column.Policy)).Select(column => Invariant($"{column.Field.Slot}"))];

    private static string SlotArray(string[] slots) => $"'{{{string.Join(',', slots)}}}'::text[]";
}
