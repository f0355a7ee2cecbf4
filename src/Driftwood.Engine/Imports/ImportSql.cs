using Driftwood.Engine.Records;
using static System.FormattableString;

namespace Driftwood.Engine.Imports;

/// <summary>
/// The statements of an import, built once from its plan. All work on a temporary table <c>stage</c> that a chunk is
/// copied into; <c>@wave</c> picks the rows that may be applied as a set. Rows are marked with the record they match
/// and with the fault that keeps them from being applied; what is left unmarked is inserted or updated.
/// </summary>
internal sealed class ImportSql(ImportPlan plan)
{
    /// <summary>Stands in <c>fault_field</c> for the fields of which a record needs one; no field can have it for a key.</summary>
    public const string AnyOf = "*";

    private const string InWave = "s.wave = @wave";
    private const string Sound = "s.wave = @wave and s.fault is null";

    private string Table => plan.Type.Table;

    /// <summary>That a record <c>r</c> is of the staged row's account and type.</summary>
    private string SameOwner => plan.Type.SameOwner("r", "s");

    private bool Clears => plan.Spec.DuplicateStrategy == DuplicateStrategy.Overwrite || plan.Spec.BlankCells == BlankCells.Clear;

    private bool Merges => plan.UpdatesMatches && plan.Spec.DuplicateStrategy == DuplicateStrategy.Merge;

    private static string Created => $"{Sound} and s.match_id is null";

    private static string Changed => $"{Sound} and s.match_id is not null";

    /// <summary>Rows that will be written, created or updated.</summary>
    private string Writes => plan switch
    {
        { UpdatesMatches: true, CreatesRecords: true } => Sound,
        { UpdatesMatches: true } => Changed,
        { CreatesRecords: true } => Created,
        _ => "false",
    };

    /// <summary>
    /// The staging table lives as long as the session and is emptied by every commit. It holds whose the records are so that
    /// they are looked up by columns of the stage alone: were the account a constant, a planner that knows nothing of
    /// the account yet takes it for a small one and reads all its records for each row.
    /// </summary>
    public string CreateStage(Guid account)
    {
        List<string> columns = [$"account_id uuid not null default '{account}'"];
        if (plan.Type.TypeId is { } type) columns.Add($"type_id uuid not null default '{type}'");
        columns.AddRange(["seq integer not null", "wave integer not null", "new_id uuid not null", "lacks_all boolean not null"]);
        columns.AddRange(StagedColumns(typed: true));
        columns.AddRange(["match_id uuid", "fault text", "fault_field text"]);
        if (plan.Company is not null) columns.Add("link_id uuid");
        return $"drop table if exists pg_temp.stage; create temporary table stage ({string.Join(", ", columns)}) on commit delete rows";
    }

    public string Copy => $"copy stage (seq, wave, new_id, lacks_all{string.Concat(StagedColumns(typed: false).Select(c => ", " + c))}) from stdin (format binary)";

    /// <summary>Fields of a staged tuple.</summary>
    public int StagedFields => 4 + StagedColumns(typed: false).Count();

    /// <summary>
    /// Marks rows with the record that has their match key; several records: <c>ambiguous_match</c>. Either way each row is
    /// looked up once: where few match, those alone are written; where most do, all are, as looking twice would cost more.
    /// </summary>
    public string? Match(bool mostMatch)
    {
        if (plan.Match is not { } match) return null;
        var (found, id) = Lookup(match);
        var ambiguous = match.Field.Unique || match.Field.Kind == FieldKind.Id
            ? ""
            : $", fault = case when (select count(*) from (select 1 {found} limit 2) two) > 1 then 'ambiguous_match' end, fault_field = '{match.Field.Key}'";
        return $"update stage s set match_id = (select {id} {found} limit 1){ambiguous} where {InWave}{(mostMatch ? "" : $" and exists (select 1 {found})")}";
    }

    /// <summary>
    /// Whether matched records are locked before the checks: where these read the records, where companies are locked
    /// next, or where records are matched on what stands beside them. Elsewhere <see cref="Update"/> locks them, in the same
    /// order, and tells by its count whether all still match.
    /// </summary>
    public bool LocksFirst => plan.UpdatesMatches
        && (plan.Match!.Field is { KeyColumn: null, Kind: not FieldKind.Id } || plan.Company is not null || NeedsAnyOf || (Merges && plan.StagesTags));

    private bool NeedsAnyOf => Clears && plan.Type.AnyOf.Count > 0 && !plan.Type.AnyOf.Contains(plan.Match!.Field.Key);

    /// <summary>
    /// Locks the matched records in the order of their ids and counts the rows that matched and those that still do:
    /// fewer when another writer was there between the two statements.
    /// </summary>
    public string Lock => $"""
        select (select count(*) from stage s where {Sound} and s.match_id is not null),
               (select count(*)
                from (select s.* from stage s where {Sound} and s.match_id is not null order by s.match_id offset 0) s
                cross join lateral (select 1 from {Table} r where {SameOwner} and r.id = s.match_id and {StillMatches} for update of r) locked)
        """;

    /// <summary>
    /// Once the matched records are locked: counts those that were matched on a value in <c>unique_values</c> and no longer have
    /// it. A statement of its own, as one that waits for a record sees that anew, but other tables as they were before. Null
    /// where records are matched on a column of theirs.
    /// </summary>
    public string? LostMatches => plan.Match!.Field is not { KeyColumn: null, UniqueId: { } unique } ? null : $"""
        select count(*) from stage s where {Sound} and s.match_id is not null and not exists (
            select 1 from unique_values u where u.account_id = s.account_id and u.field_id = '{unique}' and u.key = s.{plan.Match.Key} and u.record_id = s.match_id)
        """;

    /// <summary>The checks that mark rows as failed, in the order in which a row's faults are named.</summary>
    public IReadOnlyList<string> Checks
    {
        get
        {
            List<string> checks = [];
            if (plan.Match?.Field.Kind == FieldKind.Id) checks.Add(Mark("not_found", "id", $"{Sound} and s.match_id is null"));
            checks.AddRange(ChecksOfRecord());
            foreach (var column in plan.Columns.Append(plan.Tags).OfType<MappedColumn>().OrderBy(c => c.Index)) checks.AddRange(ChecksOf(column));
            if (plan.Tags is null && plan.StagesTags) checks.AddRange(ChecksOfTags());
            return checks;
        }
    }

    /// <summary>Creates a record of each sound row without a match. Null where the import never creates.</summary>
    public string? Insert
    {
        get
        {
            if (!plan.CreatesRecords) return null;
            List<string> names = [.. plan.Type.OwnerColumns.Select(owner => owner.Column), "id", "created_at", "created_by", "updated_at", "updated_by"];
            List<string> values = [.. plan.Type.OwnerColumns.Select(owner => "s." + owner.Column), "s.new_id", "now()", "@user", "now()", "@user"];
            foreach (var column in plan.Own.Where(c => c.Field.Kind != FieldKind.Id))
            {
                names.Add(column.Field.Key);
                values.Add(Staged(column));
                if (column.Field.KeyColumn is not { } key) continue;
                names.Add(key);
                values.Add("s." + column.Key);
            }

            if (plan.Company is not null)
            {
                names.Add("company_id");
                values.Add("s.link_id");
            }

            if (plan.NumbersRecords)
            {
                names.AddRange(["name", "name_key"]);
                values.AddRange(["s.auto_name", "s.auto_key"]);
            }

            if (plan.Custom.Count > 0)
            {
                names.Add("custom");
                values.Add("s.custom");
            }

            if (plan.StagesTags)
            {
                names.AddRange(["tags", "tag_keys"]);
                values.AddRange(["s.tags", "s.tag_keys"]);
            }

            // In the order of the match key, so that two imports of the same keys wait for each other and do not deadlock.
            var order = plan.Match is { Field.MatchKey: not null } match ? "s." + match.Key : "s.seq";
            return $"insert into {Table} ({string.Join(", ", names)}) select {string.Join(", ", values)} from stage s where {Sound} and s.match_id is null order by {order}";
        }
    }

    /// <summary>Changes the record of each sound row that has a match. Null where matches are left alone.</summary>
    public string? Update
    {
        get
        {
            if (!plan.UpdatesMatches) return null;
            var sets = plan.Spec.DuplicateStrategy == DuplicateStrategy.Overwrite ? Overwritten() : Merged();
            var rows = $"(select s.* from stage s where {Changed} order by s.match_id offset 0) s";
            return $"update {Table} r set {string.Join(", ", sets.Concat(["updated_at = now()", "updated_by = @user"]))} from {rows} where {SameOwner} and r.id = s.match_id and {StillMatches}";
        }
    }

    /// <summary>
    /// After a wave's records are written: their unique values that no index keeps apart, first those given up, then those
    /// taken. A value that another writer took meanwhile is a clash as one of a unique index is.
    /// </summary>
    public IReadOnlyList<string> UniqueValues
    {
        get
        {
            List<string> statements = [];
            if (plan.UpdatesMatches) statements.AddRange(plan.Type.UniqueValueFields.Where(f => !f.IsReadOnly).Select(GiveUp).OfType<string>());
            if (plan.CreatesRecords || plan.UpdatesMatches) statements.AddRange(plan.Columns.Where(c => c.Field.UniqueId is not null).Select(c => Take(c.Field, c.Key, Writes)));
            if (UniqueNumberedName is { } name) statements.Add(Take(name, "auto_key", Created));
            return statements;
        }
    }

    /// <summary>
    /// In file order, the rows that will be written and name a company: seq, domain, name key, name, whether the domain is the
    /// website's, the company with the domain, companies with the name (two at most).
    /// </summary>
    public string CompanyCandidates => $"""
        select s.seq, s.link_domain, s.link_name, {(plan.Company?.Name is { } name ? "s." + name.Value : "null::text")},
               {(plan.Company?.Website is { } website ? $"s.{website.Value} is not null" : "false")},
               (select c.id from companies c where c.account_id = s.account_id and c.domain_key = s.link_domain),
               array(select c.id from companies c where c.account_id = s.account_id and c.name_key = s.link_name limit 2)
        from stage s where {Writes} and (s.link_domain is not null or s.link_name is not null)
        order by s.seq
        """;

    /// <summary>How many sound rows of the wave were neither to create nor to update, and how many were to update.</summary>
    public string Outcomes => $"""
        select count(*) filter (where not ({Writes})), count(*) filter (where s.match_id is not null and ({Writes})) from stage s where {Sound}
        """;

    public static string Faults => $"select s.seq, s.fault, s.fault_field from stage s where {InWave} and s.fault is not null";

    /// <summary>
    /// Rows with the record they match and the records that own their other unique values, where these differ: such
    /// rows depend on whether the owner's own row comes first. With <paramref name="all"/>, every row.
    /// </summary>
    public string Owners(bool all)
    {
        var owners = plan.OtherUnique.Select(Lookup).Select((found, i) => $"left join lateral (select {found.Id} as id {found.From} limit 1) o{i} on true");
        var (matched, id) = Lookup(plan.Match!);
        var differs = plan.OtherUnique.Select((_, i) => $"(o{i}.id is not null and o{i}.id is distinct from m.id)");
        var ids = plan.OtherUnique.Select((_, i) => $", o{i}.id");
        return $"""
            select s.seq, m.id{string.Concat(ids)} from stage s
            left join lateral (select {id} as id {matched} limit 1) m on true
            {string.Join('\n', owners)}
            {(all ? "order by s.seq" : "where " + string.Join(" or ", differs) + " limit 1")}
            """;
    }

    /// <summary>Where the records with the staged key stand, under the name <c>r</c>, and what their ids are called there.</summary>
    private (string From, string Id) Lookup(MappedColumn column) => column.Field switch
    {
        { KeyColumn: { } key } => ($"from {Table} r where {SameOwner} and r.{key} = s.{column.Key}", "r.id"),
        { UniqueId: { } unique } => ($"from unique_values r where r.account_id = s.account_id and r.field_id = '{unique}' and r.key = s.{column.Key}", "r.record_id"),
        _ => ($"from {Table} r where {SameOwner} and r.id = s.{column.Value}::uuid", "r.id"),
    };

    private string StillMatches => plan.Match!.Field.KeyColumn is { } key ? $"r.{key} = s.{plan.Match.Key}" : "true";

    /// <summary>Null where the import leaves the field's values alone.</summary>
    private string? GiveUp(Field field)
    {
        var column = plan.Columns.FirstOrDefault(c => c.Field == field);
        var overwrites = plan.Spec.DuplicateStrategy == DuplicateStrategy.Overwrite;
        if (column is null && !overwrites) return null;
        var gone = column is null ? "" : Clears ? $" and u.key is distinct from s.{column.Key}" : $" and u.key <> s.{column.Key}";
        return $"delete from unique_values u using stage s where {Changed} and u.account_id = s.account_id and u.field_id = '{field.UniqueId}' and u.record_id = s.match_id{gone}";
    }

    // In the order of the keys, as records are inserted, so that two imports of the same keys do not deadlock.
    private static string Take(Field field, string key, string rows) => $"""
        insert into unique_values (account_id, field_id, key, record_id)
        select s.account_id, '{field.UniqueId}', s.{key}, coalesce(s.match_id, s.new_id) from stage s
        where {rows} and s.{key} is not null and not exists (
            select 1 from unique_values u
            where u.account_id = s.account_id and u.field_id = '{field.UniqueId}' and u.key = s.{key} and u.record_id = s.match_id)
        order by s.{key}
        """;

    private static string Mark(string fault, string field, string where) =>
        $"update stage s set fault = '{fault}', fault_field = '{field}' where {where}";

    /// <summary>The name field where names are given by number and kept apart nevertheless, for names that did not come from this pattern.</summary>
    private Field? UniqueNumberedName => plan.NumbersRecords ? plan.Type.UniqueValueFields.FirstOrDefault(f => f.IsReadOnly) : null;

    private IEnumerable<string> StagedColumns(bool typed)
    {
        foreach (var column in plan.Own)
        {
            yield return column.Value + (typed ? " text" : "");
            if (column.Field.MatchKey is not null) yield return column.Key + (typed ? " text collate \"C\"" : "");
        }

        if (plan.Custom.Count > 0) yield return typed ? "custom jsonb not null" : "custom";
        foreach (var column in plan.Custom.Where(c => c.Field.MatchKey is not null)) yield return column.Key + (typed ? " text collate \"C\"" : "");
        if (plan.NumbersRecords)
        {
            yield return typed ? "auto_name text not null" : "auto_name";
            yield return typed ? "auto_key text collate \"C\" not null" : "auto_key";
        }

        if (plan.Company is not null)
        {
            yield return typed ? "link_domain text collate \"C\"" : "link_domain";
            yield return typed ? "link_name text collate \"C\"" : "link_name";
        }

        if (!plan.StagesTags) yield break;
        yield return typed ? "tags text[] not null" : "tags";
        yield return typed ? "tag_keys text[] collate \"C\" not null" : "tag_keys";
        yield return typed ? "tags_blank boolean not null" : "tags_blank";
    }

    // What no cell is to blame for: all of those fields together of which one is needed, a field that is not mapped, a number's name.
    private IEnumerable<string> ChecksOfRecord()
    {
        if (plan.CreatesRecords && plan.Type.AnyOf.Count > 0) yield return Mark("required", AnyOf, $"{Created} and s.lacks_all");
        if (plan.UpdatesMatches && NeedsAnyOf)
        {
            var left = plan.Type.AnyOf.Select(key => $"({ValueAfterUpdate(key)}) is not null");
            yield return Mark("required", AnyOf, $"{Changed} and not exists (select 1 from {Table} r where {SameOwner} and r.id = s.match_id and ({string.Join(" or ", left)}))");
        }

        if (plan.CreatesRecords && plan.Missing is { } missing) yield return Mark("required", missing.Key, Created);
        if (plan.UpdatesMatches && plan.Spec.DuplicateStrategy == DuplicateStrategy.Overwrite && plan.Missing is { } cleared) yield return Mark("required", cleared.Key, Changed);
        if (UniqueNumberedName is { } name)
        {
            yield return Mark("duplicate_value", name.Key, $"{Created} and exists (select 1 from unique_values u where u.account_id = s.account_id and u.field_id = '{name.UniqueId}' and u.key = s.auto_key)");
        }
    }

    private IEnumerable<string> ChecksOf(MappedColumn column)
    {
        var key = column.Field.Key;
        if (column == plan.Tags) return ChecksOfTags();
        List<string> checks = [];
        if (column.Field.Required && plan.CreatesRecords) checks.Add(Mark("required", key, $"{Created} and {BlankValue(column)}"));
        if (column.Field.Required && plan.UpdatesMatches && Clears) checks.Add(Mark("required", key, $"{Changed} and {BlankValue(column)}"));
        if (column.Field.Kind == FieldKind.Reference)
        {
            checks.Add(Mark("not_found", key, $"{Writes} and s.{column.Value} is not null and not exists (select 1 from {column.Field.Target} t where t.account_id = s.account_id and t.id = s.{column.Value}::uuid)"));
        }

        if (plan.OtherUnique.Contains(column))
        {
            checks.Add(Mark("duplicate_value", key, $"{Writes} and s.{column.Key} is not null and exists (select 1 {Lookup(column).From} and {Lookup(column).Id} is distinct from s.match_id)"));
        }

        return checks;
    }

    // A cell's own tags were counted when it was read; here they are counted with those of the job and of the record.
    private IEnumerable<string> ChecksOfTags()
    {
        var most = $"> {TagSet.MaxTags}";
        if (!Merges) yield return Mark("too_long", "tags", $"{Writes} and cardinality(s.tags) {most}");
        else if (plan.CreatesRecords) yield return Mark("too_long", "tags", $"{Created} and cardinality(s.tags) {most}");
        if (Merges) yield return Mark("too_long", "tags", $"{Changed} and exists (select 1 from {Table} r where {SameOwner} and r.id = s.match_id and cardinality({TagsAfterMerge("tags")}) {most})");
    }

    private string ValueAfterUpdate(string fieldKey)
    {
        var column = plan.Columns.FirstOrDefault(c => c.Field.Key == fieldKey);
        if (plan.Spec.DuplicateStrategy == DuplicateStrategy.Overwrite)
        {
            return column is not null ? Staged(column) : fieldKey == "external_id" ? "r.external_id" : "null";
        }

        return column is null ? "r." + fieldKey : Staged(column);
    }

    private IEnumerable<string> Merged()
    {
        foreach (var column in plan.Own.Where(c => c.Field.Kind != FieldKind.Id))
        {
            var name = column.Field.Key;
            yield return Clears ? $"{name} = {Staged(column)}" : $"{name} = coalesce({Staged(column)}, r.{name})";
            if (column.Field.KeyColumn is not { } key) continue;
            yield return Clears ? $"{key} = s.{column.Key}" : $"{key} = coalesce(s.{column.Key}, r.{key})";
        }

        if (plan.Company is not null) yield return "company_id = coalesce(s.link_id, r.company_id)";
        if (plan.Custom.Count > 0) yield return Clears ? $"custom = (r.custom - '{{{MappedSlots}}}'::text[]) || s.custom" : "custom = r.custom || s.custom";
        if (!plan.StagesTags) yield break;
        yield return $"tags = {TagsAfterMerge("tags")}";
        yield return $"tag_keys = {TagsAfterMerge("tag_keys")}";
    }

    private string TagsAfterMerge(string column) => Clears && plan.Tags is not null
        ? $"case when s.tags_blank then s.{column} else {United(column)} end"
        : United(column);

    /// <summary>The record's tags and then those of the row that it does not have yet.</summary>
    private static string United(string column)
    {
        var element = column == "tags" ? "t.name" : "t.key";
        return $"""
            case when s.tag_keys <@ r.tag_keys then r.{column}
                 else r.{column} || (select array_agg({element} order by t.place) from unnest(s.tags, s.tag_keys) with ordinality as t(name, key, place) where t.key <> all (r.tag_keys)) end
            """;
    }

    private IEnumerable<string> Overwritten()
    {
        foreach (var field in plan.Type.Columns)
        {
            var column = plan.Columns.FirstOrDefault(c => c.Field == field);
            if (column is null && (field.Key == "external_id" || field.IsReadOnly)) continue;
            var unmapped = field.Key == "company_id" && plan.Company is not null ? "s.link_id" : "null";
            yield return $"{field.Key} = {(column is null ? unmapped : Staged(column))}";
            if (field.KeyColumn is { } key) yield return $"{key} = {(column is null ? "null" : "s." + column.Key)}";
        }

        yield return plan.Custom.Count > 0 ? "custom = s.custom" : "custom = '{}'";
        yield return plan.StagesTags ? "tags = s.tags" : "tags = '{}'";
        yield return plan.StagesTags ? "tag_keys = s.tag_keys" : "tag_keys = '{}'";
    }

    private string MappedSlots => string.Join(',', plan.Custom.Select(column => Invariant($"{column.Field.Slot}")));

    private static string BlankValue(MappedColumn column) =>
        column.Field.Slot is { } slot ? Invariant($"s.custom -> '{slot}' is null") : $"s.{column.Value} is null";

    private static string Staged(MappedColumn column) =>
        column.Field.SqlType == "text" ? "s." + column.Value : $"s.{column.Value}::{column.Field.SqlType}";
}
