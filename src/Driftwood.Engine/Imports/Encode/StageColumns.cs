using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>The columns of an import's stage that rows are copied into, in the order of a <see cref="StagedTuple"/>.</summary>
internal static class StageColumns
{
    public static IReadOnlyList<StageColumn> Of(ImportPlan plan)
    {
        List<StageColumn> columns = [.. StageColumn.Place, new("new_id", "uuid not null"), new("lacks_all", "boolean not null")];
        foreach (var column in plan.Own)
        {
            columns.Add(new(StageSql.ValueColumn(column.Field), "text"));
            if (column.Field.MatchKey is not null) columns.Add(StageColumn.Key(StageSql.KeyColumn(column.Field)));
        }

        if (plan.Custom.Count > 0) columns.Add(new("custom", "jsonb not null"));
        columns.AddRange(plan.Custom.Where(c => c.Field.MatchKey is not null).Select(c => StageColumn.Key(StageSql.KeyColumn(c.Field))));
        if (plan.NumbersRecords) columns.AddRange([new("auto_name", "text not null"), StageColumn.Key("auto_key")]);
        if (plan.Company is not null) columns.AddRange([StageColumn.Key("link_domain"), StageColumn.Key("link_name")]);
        if (!plan.StagesTags) return columns;
        columns.AddRange([new("tags", "text[] not null"), new("tag_keys", "text[] collate \"C\" not null")]);
        columns.Add(new("tags_blank", "boolean not null"));
        return columns;
    }
}
