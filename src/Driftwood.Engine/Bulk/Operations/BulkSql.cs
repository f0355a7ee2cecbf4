using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// The statement that applies an operation to some targets: finds the records one by one in the order of their ids, in which
/// they are locked, changes each where it stands, and records each target that could not be changed. Built once a job.
/// </summary>
internal sealed class BulkSql
{
    private readonly RecordType _type;
    private readonly BulkOperation _operation;
    private readonly List<(string Name, NpgsqlDbType Type, object Value)> _parameters = [];

    public BulkSql(RecordType type, BulkOperation operation)
    {
        _type = type;
        _operation = operation;
        (Apply, ApplyToLeftOut) = _operation is DeleteOperation ? (Delete(), null) : Change();
        if (_operation is DeleteOperation && !TouchesUniqueValues) DeleteWhole = $"delete from {_type.Table} r using {Whole.Records} t where {SameRecord}";
        if (_operation is DeleteOperation && PointingColumn is { } column) Unlink = UnlinkFrom(column);
    }

    // Nothing is known of how many rows these parts have: with hash and merge joins off (see Settings) records are looked up one
    // by one in the targets' order, and "not in" is one look into a hash for each target, where a join compares each row with each.
    // Records are looked up by columns of the targets alone, the account among them: were it a constant, a planner that
    // knows nothing of the account yet takes it for a small one and reads all its records.
    private string Targets(Part part) => $"""
        targets as materialized (
            select t.account_id, {TypeColumn}u.target_index, u.record_id, u.external_id
            from bulk_target_runs t
            cross join unnest(t.target_indexes, t.record_ids, t.external_ids) with ordinality as u (target_index, record_id, external_id, place)
            where {InRuns} and t.first + u.place - 1 > @from and t.first + u.place - 1 <= @to and {part.Targets})
        """;

    private string TypeColumn => _type.TypeId is { } type ? $"'{type}'::uuid as type_id, " : "";

    /// <summary>For the session in which the statements are run.</summary>
    public const string Settings = "set enable_hashjoin = off; set enable_mergejoin = off; set jit = off";

    /// <summary>
    /// Answers how many targets were changed, how many failed, and the indexes of those that were left out, as another writer
    /// was at them in that moment, or null if there are none: <see cref="ApplyToLeftOut"/> is to be run with <c>@only</c> these.
    /// </summary>
    public string Apply { get; }

    /// <summary>The same for those left out. Null for operations that leave none out.</summary>
    public string? ApplyToLeftOut { get; }

    /// <summary>
    /// Deletes the targets and answers nothing but how many rows that were: three quarters of the time, as deleted rows are read
    /// once more where the statement returns them. With any other number than there are targets it is to be undone, and
    /// <see cref="Apply"/> run. Null where more is to be done than that.
    /// </summary>
    public string? DeleteWhole { get; }

    /// <summary>
    /// For types that contacts point to: takes the pointers away, contacts locked in the order of their ids, before the
    /// records go, <c>@most</c> contacts at a time. Contacts are always locked before what they point to, here as in imports.
    /// Null where nothing points.
    /// </summary>
    public string? Unlink { get; }

    /// <summary>Whether <see cref="Apply"/> takes or gives up values that <c>unique_values</c> keeps apart.</summary>
    public bool TouchesUniqueValues => _operation is DeleteOperation ? _type.UniqueValueFields.Any() : UniqueValuesSet.Any();

    /// <summary>
    /// Before <see cref="Apply"/> where that touches unique values: a statement that waits for a record sees that anew, but
    /// <c>unique_values</c> as it was before, without the value that the other writer gave the record.
    /// </summary>
    public string Lock => $"""
        with {Targets(Whole)}
        select 1 from targets t join {_type.Table} r on {SameRecord}
        order by r.id for update of r
        """;

    /// <summary>Fails every target of the run with one code.</summary>
    public string Reject => $"""
        with {Targets(Whole)}
        insert into target_failures (account_id, job_id, target_index, record_id, external_id, code, message)
        select @account, @job, target_index, record_id, external_id, @code, @message from targets
        """;

    /// <summary>Adds the operation's own values.</summary>
    public void AddParameters(NpgsqlCommand command)
    {
        foreach (var (name, dbType, value) in _parameters) command.Parameters.AddWithValue(name, dbType, value);
    }

    /// <summary>What a statement is run for.</summary>
    /// <param name="Targets">The condition on <c>u</c>.</param>
    /// <param name="Records">Their records as a subquery, in the order of their ids.</param>
    /// <param name="Count">How many targets there are.</param>
    private sealed record Part(string Targets, string Records, string Count);

    // The ids alone, cut out of the arrays that hold them: of the rest nothing is needed as long as no target fails.
    private Part Whole => new(
        "true",
        $"""
            (select t.account_id, {TypeColumn}u.record_id
             from bulk_target_runs t
             cross join unnest(t.record_ids[greatest(1, @from + 2 - t.first)::int : (@to - t.first + 1)::int]) as u (record_id)
             where {InRuns}
             order by u.record_id)
            """,
        "@to - @from");

    private static Part LeftOut => new("u.target_index = any (@only)", "(select * from targets order by record_id)", "cardinality(@only)");

    private static string InRuns =>
        $"t.account_id = @account and t.job_id = @job and t.lane = @lane and t.first > @from + 1 - {BulkTargets.Run} and t.first <= @to";

    private string SameRecord => $"{_type.SameOwner("r", "t")} and r.id = t.record_id";

    private static string SomeWereNotChanged(Part part) => $"(select count(*) from changed) < {part.Count}";

    private string? PointingColumn => RecordTypes.Contacts.Fields.FirstOrDefault(f => f.Target == _type.Key)?.Key;

    private string UnlinkFrom(string column) => $"""
        with {Targets(Whole)},
        pointing as (
            select c.account_id, c.id from targets t join contacts c on c.account_id = t.account_id and c.{column} = t.record_id
            order by c.id limit @most for update of c)
        update contacts c set {column} = null, updated_at = now(), updated_by = @user
        from pointing p where c.account_id = p.account_id and c.id = p.id
        """;

    // What is not there any more, be it since a moment ago, is not found: no need to lock the records first.
    private string Delete() => $"""
        with {Targets(Whole)},
        changed as (
            delete from {_type.Table} r using {Whole.Records} t where {SameRecord} returning r.account_id, r.id),{GivenUpByDelete()}
        failures as (
            insert into target_failures (account_id, job_id, target_index, record_id, external_id, code, message)
            select @account, @job, t.target_index, t.record_id, t.external_id, 'not_found', 'There is no such record.'
            from targets t
            where {SomeWereNotChanged(Whole)} and (t.record_id is null or t.record_id not in (select id from changed))
            returning 1)
        select (select count(*) from changed), (select count(*) from failures), null::bigint[]
        """;

    // A record is judged as the statement's snapshot has it, and once more as it stands if another writer changed it since;
    // one that passes the first and not the second, or was deleted since, is neither changed nor seen to be at fault.
    private (string Whole, string LeftOut) Change()
    {
        var (sets, faults) = _operation switch
        {
            UpdateOperation update => Update(update),
            TagOperation tag => Tag(tag),
            _ => throw new InvalidOperationException($"No statement for {_operation.GetType().Name}."),
        };
        var fault = faults.Count == 0 ? "null" : $"case {string.Join(' ', faults)} end";
        var taken = TakenByUpdate();
        return (For(Whole), For(LeftOut));

        string For(Part part) => $"""
            with {Targets(part)},
            changed as (
                update {_type.Table} r set {string.Join(", ", sets)}, updated_at = now(), updated_by = @user
                from {part.Records} t
                where {SameRecord}{(faults.Count == 0 ? "" : $" and {fault} is null")}
                returning r.account_id, r.id),{taken}
            left_out as materialized (
                select t.*, r.id is null as is_gone, case when r.id is not null then {fault} end as fault
                from (select * from targets t where t.record_id is null or t.record_id not in (select id from changed)) t
                left join {_type.Table} r on {SameRecord}
                where {SomeWereNotChanged(part)}),
            failures as (
                insert into target_failures (account_id, job_id, target_index, record_id, external_id, code, message)
                select @account, @job, f.target_index, f.record_id, f.external_id, coalesce(f.fault, 'not_found'),
                       case f.fault
                           when 'required' then 'The record would be left without any of {string.Join(", ", _type.AnyOf)}.'
                           when 'too_long' then 'The record would have more than {TagSet.MaxTags} tags.'
                           when 'not_found' then 'The record that it should point to does not exist.'
                           else 'There is no such record.'
                       end
                from left_out f where f.is_gone or f.fault is not null
                returning 1)
            select (select count(*) from changed), (select count(*) from failures),
                   (select array_agg(target_index) from left_out where not is_gone and fault is null)
            """;
    }

    private (List<string> Sets, List<string> Faults) Update(UpdateOperation update)
    {
        List<string> sets = [];
        var values = update.Values;
        var columns = _type.Columns.Where(field => values.Has(field.Key)).ToList();
        foreach (var field in columns)
        {
            sets.Add($"{field.Key} = @v_{field.Key}::{field.SqlType}");
            Text($"v_{field.Key}", values[field.Key]);
            if (field.KeyColumn is not { } key) continue;
            sets.Add($"{key} = @k_{field.Key}");
            Text($"k_{field.Key}", Key(field, values));
        }

        if (values.MentionedSlots(_type) is { Length: > 0 } slots)
        {
            sets.Add("custom = (r.custom - @slots) || @custom::jsonb");
            Array("slots", slots);
            Text("custom", values.CustomJson(_type));
        }

        if (values.Tags is { } tags) sets.AddRange(SetTags(tags, "set"));
        var left = _type.AnyOf.Select(key => !values.Has(key) ? $"r.{key} is not null" : values[key] is null ? "false" : "true");
        var clearsOne = _type.AnyOf.Any(key => values.Has(key) && values[key] is null);
        List<string> faults = clearsOne ? [$"when not ({string.Join(" or ", left)}) then 'required'"] : [];
        // Left to the foreign key, a missing record would be found again for each target, after bisecting.
        faults.AddRange(columns.Where(field => field.Kind == FieldKind.Reference && values[field.Key] is not null).Select(field =>
            $"when not exists (select 1 from {field.Target} p where p.account_id = @account and p.id = @v_{field.Key}::uuid) then 'not_found'"));
        return (sets, faults);
    }

    private IEnumerable<Field> UniqueValuesSet =>
        _operation is UpdateOperation update ? _type.UniqueValueFields.Where(unique => update.Values.Has(unique.Key)) : [];

    private static string? Key(Field field, RecordValues values) => values[field.Key] is { } value ? MatchKeys.Of(field.MatchKey!.Value, value) : null;

    private string GivenUpByDelete()
    {
        if (!_type.UniqueValueFields.Any()) return "";
        Uuids("unique_fields", _type.UniqueValueFields.Select(field => field.UniqueId!.Value));
        return """

                given_up as (
                    delete from unique_values u using changed c
                    where u.account_id = c.account_id and u.record_id = c.id and u.field_id = any (@unique_fields)),
            """;
    }

    // A value that stays as it is is neither given up nor taken: one statement cannot do both to one row.
    private string TakenByUpdate()
    {
        if (_operation is not UpdateOperation update || !UniqueValuesSet.Any()) return "";
        Uuids("unique_fields", UniqueValuesSet.Select(field => field.UniqueId!.Value));
        Array("unique_keys", [.. UniqueValuesSet.Select(field => Key(field, update.Values)!)]);
        return """

                given_up as (
                    delete from unique_values u using changed c, unnest(@unique_fields, @unique_keys) as n(field_id, key)
                    where u.account_id = c.account_id and u.record_id = c.id and u.field_id = n.field_id and u.key is distinct from n.key),
                taken as (
                    insert into unique_values (account_id, field_id, key, record_id)
                    select c.account_id, n.field_id, n.key, c.id
                    from changed c cross join unnest(@unique_fields, @unique_keys) as n(field_id, key)
                    where n.key is not null and not exists (
                        select 1 from unique_values u
                        where u.account_id = c.account_id and u.field_id = n.field_id and u.key = n.key and u.record_id = c.id)),
            """;
    }

    private string Owner(string row) => string.Join(", ", _type.OwnerColumns.Select(owner => $"{row}.{owner.Column}"));

    private (List<string> Sets, List<string> Faults) Tag(TagOperation tag)
    {
        if (tag.Set is { } all) return ([.. SetTags(all, "set")], []);
        var add = tag.Add ?? TagSet.Empty;
        var remove = tag.Remove ?? TagSet.Empty;
        Array("add_names", add.Names);
        Array("add_keys", add.Keys);
        Array("remove_keys", remove.Keys);
        // Most records have few tags: whether they are too many is seen without making them.
        return (
            [$"tags = {Tags("tags", "name")}", $"tag_keys = {Tags("tag_keys", "key")}"],
            add.Names.Count == 0 ? [] : [$"when cardinality(r.tag_keys) > {TagSet.MaxTags - add.Names.Count} and cardinality({Tags("tag_keys", "key")}) > {TagSet.MaxTags} then 'too_long'"]);
    }

    // What stays of the record's tags, in their order (unnest reads an array in its order), and then those added that it does
    // not have. Arrays are taken apart only where a tag of the record is named.
    private static string Tags(string column, string element) => $"""
        case when r.tag_keys && @remove_keys
             then array(select o.{element} from unnest(r.tags, r.tag_keys) as o(name, key) where o.key <> all (@remove_keys))
             else r.{column} end
        || case when r.tag_keys && @add_keys
             then array(select n.{element} from unnest(@add_names, @add_keys) as n(name, key) where n.key = any (@remove_keys) or n.key <> all (r.tag_keys))
             else @add_{element}s end
        """;

    private IEnumerable<string> SetTags(TagSet tags, string name)
    {
        Array(name + "_names", tags.Names);
        Array(name + "_keys", tags.Keys);
        return [$"tags = @{name}_names", $"tag_keys = @{name}_keys"];
    }

    private void Text(string name, string? value) => _parameters.Add((name, NpgsqlDbType.Text, (object?)value ?? DBNull.Value));

    private void Uuids(string name, IEnumerable<Guid> values) =>
        _parameters.Add((name, NpgsqlDbType.Array | NpgsqlDbType.Uuid, values.ToArray()));

    private void Array(string name, IReadOnlyList<string> values) =>
        _parameters.Add((name, NpgsqlDbType.Array | NpgsqlDbType.Text, values.ToArray()));
}
