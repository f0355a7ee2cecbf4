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
        if (column is { IsForNewOnly: false }) return StageSql.Value(column.Field);
        return column is not null || plan.Merges || fieldKey == "external_id" ? "r." + fieldKey : "null";
    }

    /// <summary>The record's <c>tags</c> or <c>tag_keys</c> after a merge.</summary>
    public string TagsAfterMerge(string column) => plan.Clears && plan.Tags is not null
        ? $"case when s.tags_blank then s.{column} else {United(column)} end"
        : United(column);

    private IEnumerable<(string Column, string Value)> Merged()
    {
        foreach (var field in plan.Own.Where(column => !column.IsForNewOnly).Select(column => column.Field)
            .Where(field => field.Kind != FieldKind.Id))
        {
            yield return Kept(field.Key, StageSql.Value(field));
            if (field.KeyColumn is { } key) yield return Kept(key, "s." + StageSql.KeyColumn(field));
        }

        if (plan.Company is not null) yield return ("company_id", "coalesce(s.link_id, r.company_id)");
        if (plan.Custom.Any(column => !column.IsForNewOnly))
        {
            yield return ("custom", plan.Clears ? $"(r.custom - {Slots(forNewOnly: false)}) || {GivenCustom}" : $"r.custom || {GivenCustom}");
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
            var mapped = plan.Columns.FirstOrDefault(column => column.Field == field);
            if (mapped is { IsForNewOnly: true }) continue;
            var isMapped = mapped is not null;
            if (!isMapped && (field.Key == "external_id" || field.IsReadOnly)) continue;
            var unmapped = field.Key == "company_id" && plan.Company is not null ? "s.link_id" : "null";
            yield return (field.Key, isMapped ? StageSql.Value(field) : unmapped);
            if (field.KeyColumn is { } key) yield return (key, isMapped ? "s." + StageSql.KeyColumn(field) : "null");
        }

        yield return ("custom", $"{GivenCustom}{KeptCustom}");
        yield return ("tags", plan.StagesTags ? "s.tags" : "'{}'::text[]");
        yield return ("tag_keys", plan.StagesTags ? "s.tag_keys" : "'{}'::text[]");
    }

    /// <summary>The row's custom values, without those that only new records get.</summary>
    private string GivenCustom => plan.Custom switch
    {
        [] => "'{}'::jsonb",
        _ when plan.Custom.Any(column => column.IsForNewOnly) => $"(s.custom - {Slots(forNewOnly: true)})",
        _ => "s.custom",
    };

    /// <summary>Adds the record's values of the custom fields that only new records get.</summary>
    private string KeptCustom => !plan.Custom.Any(column => column.IsForNewOnly) ? "" : $$"""
         || coalesce((select jsonb_object_agg(c.key, c.value) from jsonb_each(r.custom) c where c.key = any ({{Slots(forNewOnly: true)}})), '{}')
        """;

    private string Slots(bool forNewOnly)
    {
        var slots = plan.Custom.Where(column => column.IsForNewOnly == forNewOnly).Select(column => Invariant($"{column.Field.Slot}"));
        return $"'{{{string.Join(',', slots)}}}'::text[]";
    }
}
