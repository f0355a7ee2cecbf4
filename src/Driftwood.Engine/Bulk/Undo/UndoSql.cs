using System.Text.Json;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>
/// The statements that take back a row of the change log, made once for each type. They work on the temporary table <c>undoing</c>,
/// which has a row <c>s</c> for each target. Each column is judged by itself: it gets its old value back if it still holds what the job
/// left in it, and stays if somebody has changed it since.
/// </summary>
/// <remarks>
/// <c>restore</c> holds the values to write, <c>kept</c> why the record keeps some of its values, and <c>fault</c> with
/// <c>fault_field</c> why nothing can be written. <c>@names</c> maps the slots of the type's custom fields to their keys, and
/// <c>@slots</c> has these slots; values of deleted fields do not come back.
/// </remarks>
internal sealed class UndoSql(RecordType type, SqlDialect dialect)
{
    // The column of the value that each match key was made from.
    private readonly Dictionary<string, string> _values = type.Columns.Where(each => each.KeyColumn is not null)
        .Select(each => KeyValuePair.Create(each.KeyColumn!, each.Key))
        .Append(KeyValuePair.Create("tag_keys", "tags"))
        .ToDictionary();

    private readonly DeletedImages _images = new(type);

    private const string Open = "s.account_id = @account and s.fault is null";

    /// <summary>Sound targets whose record is written.</summary>
    private const string Written = $"{Open} and s.restore <> '{{}}'";

    /// <summary>Makes the table, or empties it if the transaction has it already.</summary>
    public const string NewTable = """
        create temporary table if not exists undoing (
            account_id uuid not null, target_index bigint not null, record_id uuid not null, detail jsonb,
            found boolean, touched boolean, restore jsonb, kept text, fault text, fault_field text) on commit drop;
        truncate undoing
        """;

    /// <summary>
    /// The targets after <c>@from</c> and up to <c>@to</c>, which are of the run <c>@first</c>, with what the job changed in them. A run of
    /// deleted ones has <see cref="DeletedTargets"/>.
    /// </summary>
    public static string Targets => $"""
        select t.account_id, u.target_index, u.record_id, {ChangeLog.Json("u.detail")} as detail
        from bulk_target_runs t
        cross join lateral (
            select {ChangeLog.Details} as details
            from changes c where c.account_id = @account and c.id = t.change_id and c.part = t.change_part limit 1) c
        cross join unnest(t.target_indexes, t.record_ids, c.details) with ordinality as u (target_index, record_id, detail, place)
        where {InRun("u")}
        """;

    // The detail of a deleted record is what it held; it is empty if that was erased.
    private string DeletedTargets => $"""
        select t.account_id, r.target_index, r.target_id,
               case when {DeletedImages.IsKept} then to_jsonb((select held from (select {_images.Values}) held)) else '{"{}"}' end
        from {DeletedSource}
        """;

    // The targets t whose records were deleted, each with what its record r held.
    private string DeletedSource => $"""
        bulk_target_runs t
        cross join lateral (
            select case when cardinality(c.record_ids) = cardinality(t.record_ids) then c.{_images.Column} else array(
                       select case when {DeletedImages.IsKept} then {_images.Image} end from {_images.Records("c")}
                       where r.record_id = any (t.record_ids) order by r.place) end as images
            from changes c where c.account_id = @account and c.id = t.change_id and c.part = t.change_part limit 1) c
        cross join {_images.RecordsOf("t.target_indexes, t.record_ids", "target_index, target_id", "c.images")}
        where {InRun("r")}
        """;

    private static string InRun(string target) => $"""
        t.account_id = @account and t.job_id = @job and t.lane = @lane and t.first = @first
        and t.first + {target}.place - 1 > @from and t.first + {target}.place - 1 <= @to
        """;

    /// <summary>Fills the table with the targets.</summary>
    /// <param name="effect">The change that is taken back.</param>
    /// <param name="some">Only those that have the indexes <c>@only</c>.</param>
    public string Fill(ChangeEffect effect, bool some)
    {
        var targets = effect == ChangeEffect.Deleted ? DeletedTargets : Targets;
        var only = some ? $" and {(effect == ChangeEffect.Deleted ? "r" : "u")}.target_index = any (@only)" : "";
        return $"insert into undoing (account_id, target_index, record_id, detail) {targets}{only}";
    }

    /// <summary>Locks the records in the order of their ids.</summary>
    public string Lock => $"""
        select count(*) from (select * from undoing s where {Open} order by s.record_id offset 0) s
        cross join lateral ({Probe.OfId(type, "s.record_id").Select("1", 1)} for update of r) locked
        """;

    /// <summary>Reads the columns that any of the targets' details names.</summary>
    public static string LoggedColumns(string targets) =>
        $"select distinct k.name from ({targets}) s cross join lateral jsonb_object_keys(s.detail) k (name)";

    /// <summary>Judges the columns of changed records.</summary>
    /// <param name="logged">
    /// The columns that <see cref="LoggedColumns"/> reads. To read all columns of a record takes as long as to restore it.
    /// </param>
    public string JudgeUpdated(IReadOnlySet<string> logged)
    {
        var columns = Columns(logged).Select(column => _values.GetValueOrDefault(column, column)).Distinct();
        var current = $"jsonb_build_object({string.Join(", ", columns.Select(column => $"'{column}', r.{column}"))}) as j";
        return Mark(Open, ["found", "restore", "kept"], $"""
                select true,
                       coalesce((
                           select jsonb_object_agg(e.key, e.value -> 0) from jsonb_each(s.detail - 'custom') e
                           where cur.j -> {Value("e.key")} is not distinct from s.detail -> {Value("e.key")} -> 1), '{"{}"}')
                       || case when s.detail ? 'custom' and custom.v::text is distinct from cur.j ->> 'custom'
                          then jsonb_build_object('custom', custom.v) else '{"{}"}' end,
                       (select 'Changed since: ' || string_agg(k.name, ', ' order by k.name) || '.' from (
                           select e.key as name from jsonb_each(s.detail - 'custom') e
                           where not {Keys} ? e.key and cur.j -> e.key is distinct from e.value -> 1
                             and cur.j -> e.key is distinct from e.value -> 0
                           union all
                           select 'custom.' || (@names::jsonb ->> c.slot) from {CustomSlots} c
                           where @names::jsonb ? c.slot and c.now is distinct from c.new and c.now is distinct from c.old) k)
                from ({Probe.OfId(type, "s.record_id").Select(current, 1)}) cur
                cross join lateral (
                    select ((cur.j -> 'custom') - coalesce(array_agg(c.slot), '{"{}"}'))
                           || coalesce(
                               jsonb_object_agg(c.slot, c.old) filter (where c.old is not null and @names::jsonb ? c.slot), '{"{}"}')
                    from {CustomSlots} c where c.now is not distinct from c.new) custom (v)
            """);
    }

    /// <summary>Reads which created records are still there, and which were changed after <c>@made_at</c>.</summary>
    public string JudgeCreated =>
        Mark(Open, ["found", "touched"], Probe.OfId(type, "s.record_id").Select("true, r.updated_at <> @made_at", 1));

    /// <summary>
    /// Keeps created records whose values differ from those that the job left, by the later rows of the change log. The details of such a
    /// row are read only if it has one of the records.
    /// </summary>
    public string KeepTouched => $"""
        with later as materialized (
            select c.id, c.part
            from changes c
            where c.account_id = @account and c.record_type = '{type.Key}' and c.logged_at >= @logged_at
              and not (c.id = @source_id and c.part = @source_part) and c.effect = 'updated'
              and c.first_id <= (select max(s.record_id::text)::uuid from undoing s where s.touched)
              and c.last_id >= (select min(s.record_id::text)::uuid from undoing s where s.touched)
              and exists (select 1 from unnest(c.record_ids) u (id) where {IsTouched})),
        entries as materialized (
            select u.id, c.logged_at, c.step, e.key, e.value -> 0 as old
            from later l
            cross join lateral (
                select * from changes c where c.account_id = @account and c.id = l.id and c.part = l.part offset 0) c
            cross join lateral unnest(c.record_ids, {ChangeLog.Details}) as u (id, detail)
            cross join lateral (
                select key, value from jsonb_each({ChangeLog.Json("u.detail")})
                union all
                select '*', null where u.detail is null) e
            where {IsTouched}),
        firsts as (select distinct on (id, key) id, key, old from entries order by id, key, logged_at, step),
        differing as (
            select f.id, string_agg(case f.key when '*' then 'unknown fields' else f.key end, ', ' order by f.key) as fields
            from firsts f
            cross join lateral ({Probe.OfId(type, "f.id").Select("to_jsonb(r) as j", 1)}) cur
            where f.key = '*' or (not {Keys} ? f.key and cur.j -> f.key is distinct from f.old)
            group by f.id)
        update undoing s set kept = 'Changed since: ' || d.fields || '.' from differing d where {Open} and s.record_id = d.id
        """;

    // One hash lookup per id. Without "is true" it is a join, which here compares each id with each touched record.
    private const string IsTouched = "(u.id in (select s.record_id from undoing s where s.touched)) is true";

    /// <summary>Keeps created records that contacts point to. Null if no contact can.</summary>
    public string? KeepPointedTo => RecordTypes.PointingTo(type) is not { } pointing ? null : Mark(
        $"{Open} and s.found and s.kept is null and {Probe.Of(RecordTypes.Contacts, pointing.Key, "s.record_id").First} is not null",
        ("kept", "'Contacts point to it.'"));

    /// <summary>Keeps the outcome of created records that are gone already.</summary>
    public const string NoteGone = $"update undoing s set kept = 'It was deleted already.' where {Open} and s.found is null";

    /// <summary>Judges deleted records. Values of deleted custom fields do not come back.</summary>
    public string JudgeDeleted => Mark(
        Open,
        ("found", $"{Probe.OfId(type, "s.record_id").First} is not null"),
        ("restore", $"""
            case when s.detail -> 'custom' <> '{"{}"}' then jsonb_set(s.detail, '{"{custom}"}', coalesce((
                select jsonb_object_agg(c.key, c.value) from jsonb_each(s.detail -> 'custom') c where @names::jsonb ? c.key), '{"{}"}'))
                else s.detail end
            """));

    /// <summary>Marks the targets that cannot be written.</summary>
    public IEnumerable<string> Checks(ChangeEffect effect)
    {
        if (effect == ChangeEffect.Updated)
        {
            // A row that changed nothing leaves nothing to restore.
            yield return $"update undoing s set fault = 'not_found' where {Open} and s.found is null and s.detail <> '{{}}'";
        }

        if (effect == ChangeEffect.Deleted)
        {
            yield return $"update undoing s set fault = 'duplicate_value', fault_field = 'id' where {Open} and s.found";
            // A deleted record has at least the stamps of its creation.
            yield return $"update undoing s set fault = 'erased' where {Open} and s.detail = '{{}}'";
        }

        foreach (var field in type.Fields.Where(field => field is { Unique: true, KeyColumn: not null }))
        {
            var key = $"(s.restore ->> '{field.KeyColumn}')";
            var others = Probe.Of(type, field.KeyColumn!, key).Select("r.id", 2);
            var another = $"(select true from ({others}) o (id) where o.id <> s.record_id limit 1)";
            yield return Fail("duplicate_value", field, $"{key} is not null and {another}");
        }

        foreach (var field in type.Fields.Where(field => field.Kind == FieldKind.Reference))
        {
            var value = $"(s.restore ->> '{field.Key}')";
            yield return Fail("not_found", field, $"{value} is not null and {Probe.OfTarget(field, value).First} is null");
        }
    }

    private string Fail(string fault, Field field, string condition) =>
        Mark($"{Open} and {condition}", ("fault", $"'{fault}'"), ("fault_field", $"'{field.Key}'"));

    private string Mark(string where, params (string Column, string Value)[] sets) => dialect.Mark("undoing", "target_index", where, sets);

    private string Mark(string where, string[] columns, string values) =>
        dialect.Mark("undoing", "target_index", where, columns, values);

    /// <summary>Writes the change, and returns the number of records.</summary>
    /// <param name="effect">The change that is taken back.</param>
    /// <param name="logged">The columns that <see cref="LoggedColumns"/> reads.</param>
    public string Write(ChangeEffect effect, IReadOnlySet<string> logged) => effect switch
    {
        ChangeEffect.Created => Remove,
        ChangeEffect.Updated => Restore(logged),
        _ => BringBack,
    };

    private ChangeLog Log(LogEffect effect) =>
        new(type, effect) { HasDetails = effect != LogEffect.Created, Dialect = dialect };

    private string Remove => Log(LogEffect.Deleted).WriteAndCount("0", $"""
        with found as materialized (
            select s.account_id, s.record_id, m.place
            from {Many($"{Open} and s.kept is null")}
            cross join lateral ({Probe.OfId(type, "s.record_id").Select("r.ctid as place", 1)}) m)
        delete from {type.Table} r using {Probe.Found("found", dialect)} s
        where {IsAtPlace}
        returning r.id, {_images.Image} as detail
        """);

    // Each value is read from its JSON once: the record gets it, and the log compares it.
    private string Restore(IReadOnlySet<string> logged)
    {
        string[] columns = [.. Columns(logged)];
        var found = string.Concat(columns.Select(column => $", r.{column}"));
        var values = columns.Select(column => $"case when s.restore ? '{column}' then {Restored(column)} else m.{column} end as {column}");
        var written = string.Concat(columns.Select(column => $"{column} = s.{column}, "));
        return Log(LogEffect.Updated).WriteAndCount("0", $"""
            with found as materialized (
                select s.account_id, s.record_id, m.place, n.*, {ChangeLog.Changed("m.", columns, "n.")} as detail
                from {Many(Written)}
                cross join lateral ({Probe.OfId(type, "s.record_id").Select($"r.ctid as place{found}", 1)}) m
                cross join lateral (select {string.Join(", ", values.DefaultIfEmpty("1 as nothing"))} offset 0) n)
            update {type.Table} r set {written}updated_at = now(), updated_by = @user
            from {Probe.Found("found", dialect)} s
            where {IsAtPlace}
            returning r.id, s.detail
            """);
    }

    private IEnumerable<string> Columns(IReadOnlySet<string> logged) => ChangeLog.Columns(type).Where(logged.Contains);

    private string Restored(string column) => FromJson(type, column, $"(s.restore -> '{column}')");

    /// <summary>A value of the change log in the type of its column.</summary>
    /// <param name="type">The type of the record.</param>
    /// <param name="column">The column.</param>
    /// <param name="json">The SQL of the value as JSON.</param>
    public static string FromJson(RecordType type, string column, string json) => column switch
    {
        "custom" => json,
        "tags" or "tag_keys" => $"case when {json} = '[]' then '{"{}"}' else array(select jsonb_array_elements_text({json})) end",
        _ when type.Columns.FirstOrDefault(each => each.Key == column) is { SqlType: not "text" } field =>
            $"({json} #>> '{"{}"}')::{field.SqlType}",
        _ => $"{json} #>> '{"{}"}'",
    };

    private string BringBack => Insert("s.account_id", "s.record_id", "p", $"""
        (select * from undoing s where {Written} order by s.record_id offset 0) s
        cross join lateral jsonb_populate_record(null::{type.Table}, s.restore) p
        """);

    /// <summary>
    /// Brings the deleted targets back without the temporary table, and returns the number of records. It leaves out records that were
    /// erased or have values of deleted fields. It fails if there is a record with an id or a unique value by now, or if a record that one
    /// points to is gone.
    /// </summary>
    public string BringAllBack =>
        Insert("t.account_id", "r.target_id", "r", $"{DeletedSource} and {DeletedImages.IsKept} and r.custom - @slots = '{"{}"}'");

    private string Insert(string account, string id, string held, string records)
    {
        List<(string Column, string Value)> given =
        [
            .. type.Owners(account), ("id", id),
            .. ChangeLog.Columns(type).Append("created_at").Append("created_by").Select(column => (column, $"{held}.{column}")),
            ("updated_at", "now()"), ("updated_by", "@user"),
        ];
        return Log(LogEffect.Created).WriteAndCount("0", $"""
            insert into {type.Table} ({string.Join(", ", given.Select(g => g.Column))})
            select {string.Join(", ", given.Select(g => g.Value))}
            from {records}
            returning id
            """);
    }

    /// <summary>The written records with the values of their unique fields that no index enforces, in the order of those fields.</summary>
    public string UniqueTexts
    {
        get
        {
            var texts = type.UniqueValueFields.Select(each =>
                each.Slot is { } slot ? Invariant($"r.custom ->> '{slot}'") : "r." + each.Key);
            return $"""
                select s.record_id, u.*
                from undoing s
                cross join lateral ({Probe.OfId(type, "s.record_id").Select(string.Join(", ", texts), 1)}) u
                where {Written}
                """;
        }
    }

    /// <summary>Gives up the unique values of the records that were written or removed.</summary>
    public string GiveUpUniqueValues =>
        new Probe("unique_values u", "u.account_id = @account", "u.record_id", "s.record_id").Delete(
            "undoing s",
            $" where {Open} and (s.restore <> '{"{}"}' or (s.restore is null and s.kept is null))",
            ["field_id", "key"],
            dialect);

    /// <summary>Takes unique values. A value that another record has is a clash: chunks get smaller until the target fails alone.</summary>
    public string TakeUniqueValues => $"""
        insert into unique_values (account_id, field_id, key, record_id)
        select @account, u.field_id, u.key, u.record_id from unnest(@fields, @keys, @records) as u (field_id, key, record_id)
        order by u.key{dialect.Refusable}
        """;

    /// <summary>Stores the outcomes of the targets that failed or were kept, and returns the number of each.</summary>
    public const string Outcomes = """
        with noted as (
            insert into target_failures (account_id, job_id, target_index, record_id, code, message)
            select @account, @job, s.target_index, s.record_id, coalesce(s.fault, 'kept'),
                   case
                       when s.fault is null then s.kept
                       when s.fault = 'erased' then 'What the record held was erased.'
                       when s.fault = 'not_found' and s.fault_field is null then 'There is no such record any more.'
                       when s.fault = 'not_found' then s.fault_field || ': The record that it should point to does not exist any more.'
                       when s.fault_field = 'id' then 'There is a record with this id again.'
                       else s.fault_field || ': Another record has this value by now; it must be unique.'
                   end
            from undoing s where s.account_id = @account and (s.fault is not null or s.kept is not null)
            returning code)
        select count(*) filter (where code <> 'kept'), count(*) filter (where code = 'kept') from noted
        """;

    // The targets in the order of their records' ids.
    private string Many(string condition)
    {
        var targets = $"(select * from undoing s where {condition} order by s.record_id offset 0) s";
        return $"{Probe.Many(targets, "s.*", "(null::undoing).*", dialect)} s";
    }

    private string IsAtPlace => Probe.IsAtPlace(type, "s", "record_id", "found", dialect);

    // Match keys go with the values that they were made from.
    private string Keys => $"'{JsonSerializer.Serialize(_values)}'::jsonb";

    private string Value(string column) => $"coalesce({Keys} ->> {column}, {column})";

    // The slots that the job changed, with the value before, the one that the job left, and the current one.
    private static string CustomSlots => """
        (select k.slot, s.detail -> 'custom' -> 0 -> k.slot as old, s.detail -> 'custom' -> 1 -> k.slot as new,
                cur.j -> 'custom' -> k.slot as now
         from jsonb_object_keys((s.detail -> 'custom' -> 0) || (s.detail -> 'custom' -> 1)) as k (slot)
         where s.detail -> 'custom' -> 0 ->> k.slot is distinct from s.detail -> 'custom' -> 1 ->> k.slot)
        """;
}
