using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>
/// The statements that apply staged items, made once from the record type and the operation. They mark each item with its record
/// and with the fault that prevents it from being applied. Items without a fault are inserted or updated.
/// </summary>
internal sealed class ItemSql
{
    private readonly RecordType _type;
    private readonly ItemsOperation _operation;
    private readonly bool _changes;
    private readonly bool _creates;

    // The field of the keys in by_key; null if items refer to records only by id, or to no records.
    private readonly Field? _keyField;

    private readonly bool _keepsChanges;
    private readonly SqlDialect _dialect;

    public ItemSql(RecordType type, ItemsOperation operation, bool keepsChanges, SqlDialect dialect)
    {
        (_type, _operation, _keepsChanges, _dialect) = (type, operation, keepsChanges, dialect);
        _changes = operation.Action != ItemAction.Create;
        _creates = operation.Action != ItemAction.Update;
        _keyField = operation switch
        {
            { Action: ItemAction.Update } => type.Find("external_id"),
            { MatchOn: { Kind: not FieldKind.Id } match } => match,
            _ => null,
        };
        Match = [.. MakeMatch().Select(dialect.Adapt)];
        Lock = dialect.Adapt($"select count(*) {StageSql.LockChanged(type)}");
        Lost = dialect.Adapt(MakeLost());
        Check = dialect.Adapt(dialect.Mark("stage", "seq", StageSql.Sound, ("fault", $"case {string.Join('\n', Faults())} end")));
        if (_changes) Owners = dialect.Adapt(MakeOwners());
        if (_keyField is not null) Missed = dialect.Adapt(MakeMissed(_keyField));
        if (_creates) (Insert, LogCreated) = (MakeInsert(), StageSql.LogCreated(type));
        if (_changes) Update = dialect.Adapt(MakeUpdate());
        UniqueValues = [.. MakeUniqueValues().Select(dialect.Adapt)];
    }

    /// <summary>
    /// seq and id of each record that an item of the stage may touch or that decides the item's outcome: the item's own record, and the
    /// owners of its unique values. Null if items do not change records.
    /// </summary>
    public string? Owners { get; }

    /// <summary>Marks items with their records. If several records match, the fault is <c>ambiguous_match</c>.</summary>
    public IReadOnlyList<string> Match { get; }

    /// <summary>Locks the records that will be changed.</summary>
    public string Lock { get; }

    /// <summary>
    /// Counts the items whose record was changed by another writer before it was locked. This is a separate statement: a statement that
    /// waits for a record sees the new version of that record, but the old state of other tables.
    /// </summary>
    public string Lost { get; }

    /// <summary>Marks items that cannot be applied with a code and the key of a field. The first fault counts.</summary>
    public string Check { get; }

    /// <summary>
    /// Counts the items whose values belong to another record, and that do match a record now: it was created between the match and
    /// the check. Null if items are not matched by a key.
    /// </summary>
    public string? Missed { get; }

    /// <summary>Creates a record for each sound item without one. Null if items never create records.</summary>
    public string? Insert { get; }

    /// <summary>Writes the change log of the new records. Null if items never create records.</summary>
    public string? LogCreated { get; }

    /// <summary>
    /// Writes the mentioned fields of each sound item to its record (<see cref="StageSql.WriteFound"/>). Null if items never change
    /// records.
    /// </summary>
    public string? Update { get; }

    /// <summary>
    /// Writes the unique values that no index enforces, after a wave's records are written: first the freed ones, then the taken ones.
    /// </summary>
    public IReadOnlyList<string> UniqueValues { get; }

    /// <summary>The outcomes of a wave: seq, the changed record or null, and the fault.</summary>
    public static string Outcomes => $"select s.seq, s.match_id, s.fault from stage s where {StageSql.InWave}";

    private string RecordById => Probe.OfId(_type, "s.by_id").First;

    private Probe ByKey(Field match) => StageSql.Lookup(_type, match, "by_key");

    private string MakeOwners()
    {
        var owners = _type.Fields
            .Where(field => field is { Unique: true, IsReadOnly: false })
            .Select(field => StageSql.Lookup(_type, field, StageSql.KeyColumn(field)));
        if (_keyField is { } match) owners = owners.Append(ByKey(match));
        return string.Join("\nunion all\n", owners.Select(found =>
            $"select s.seq, o.id from stage s cross join lateral {found.First} o(id) where s.account_id = @account"));
    }

    private IEnumerable<string> MakeMatch()
    {
        if (!_changes) yield break;
        yield return _dialect.Mark(
            "stage", "seq", $"{StageSql.InWave} and s.by_id is not null and {RecordById} is not null", ("match_id", "s.by_id"));
        if (_keyField is not { } match) yield break;
        var found = ByKey(match);
        List<(string Column, string Value)> marks = [("match_id", found.First)];
        if (!match.Unique)
        {
            marks.Add((
                "fault", $"case when (select count(*) from ({found.Select("1", 2)}) two) > 1 then 'ambiguous_match {match.Key}' end"));
        }

        yield return _dialect.Mark("stage", "seq", $"{StageSql.InWave} and s.by_key is not null", marks);
    }

    private string MakeLost()
    {
        var gone = $"{RecordById} is null";
        if (_keyField is { } match) gone += $" and {ByKey(match).First} is distinct from s.match_id";
        return $"select count(*) from stage s where {StageSql.Changed} and {gone}";
    }

    private string MakeMissed(Field match) => $"""
        select count(*) from stage s
        where {StageSql.InWave} and s.fault like 'duplicate_value %' and s.match_id is null and {ByKey(match).First} is not null
        """;

    private string MakeInsert()
    {
        List<(string Column, string Value)> given =
        [
            .. _type.Owners("s.account_id"),
            ("id", "s.new_id"), ("created_at", "now()"), ("created_by", "@user"), ("updated_at", "now()"), ("updated_by", "@user"),
            ("custom", "s.custom"), ("tags", "s.tags"), ("tag_keys", "s.tag_keys"),
        ];
        foreach (var field in _type.Columns)
        {
            given.Add((field.Key, field.IsReadOnly ? "s.auto_name" : StageSql.Value(field)));
            if (field.KeyColumn is { } key) given.Add((key, field.IsReadOnly ? "s.auto_key" : "s." + StageSql.KeyColumn(field)));
        }

        // Locks in the order of a key, so that two jobs with the same records wait for each other and do not deadlock.
        return $"""
            insert into {_type.Table} ({string.Join(", ", given.Select(g => g.Column))})
            select {string.Join(", ", given.Select(g => g.Value))} from stage s where {StageSql.Created}
            order by s.{(_keyField is null ? "k_external_id" : "by_key")}, s.seq{_dialect.Refusable}
            """;
    }

    private string MakeUpdate()
    {
        List<(string Column, string Value)> sets = [("custom", "(r.custom - s.slots) || s.custom")];
        foreach (var field in _type.Columns.Where(field => !field.IsReadOnly))
        {
            sets.Add((field.Key, After(field.Key, field.Key, StageSql.Value(field))));
            if (field.KeyColumn is { } key) sets.Add((key, After(field.Key, key, "s." + StageSql.KeyColumn(field))));
        }

        sets.Add(("tags", After("tags", "tags", "s.tags")));
        sets.Add(("tag_keys", After("tags", "tag_keys", "s.tag_keys")));
        var log = new ChangeLog(_type, LogEffect.Updated) { HasRowNumbers = true, HasDetails = _keepsChanges, Dialect = _dialect };
        return StageSql.WriteFound(log, StageSql.FindChanged(log, sets, _dialect), sets, _dialect);
    }

    private IEnumerable<string> MakeUniqueValues()
    {
        foreach (var field in _type.UniqueValueFields.Where(field => _changes && !field.IsReadOnly))
        {
            var gone = $"'{field.Key}' = any (s.mentioned) and u.key is distinct from s.{StageSql.KeyColumn(field)}";
            yield return StageSql.GiveUpValues(field, gone, _dialect);
        }

        foreach (var field in _type.UniqueValueFields)
        {
            if (!field.IsReadOnly) yield return StageSql.TakeValues(field, StageSql.KeyColumn(field), StageSql.Sound, _dialect);
            else if (_creates) yield return StageSql.TakeValues(field, "auto_key", StageSql.Created, _dialect);
        }
    }

    private IEnumerable<string> Faults()
    {
        if (_changes) yield return "when s.match_id is null and s.by_id is not null then 'not_found id'";
        if (_operation.Action == ItemAction.Update) yield return "when s.match_id is null then 'not_found external_id'";
        yield return "when s.match_id is null and s.lacks then 'lacks'";
        yield return "when s.match_id is not null and s.blanks then 'blanks'";
        if (_changes && _type.AnyOf.Count > 0)
        {
            var left = _type.AnyOf.Select(key => $"({After(key, key, StageSql.Value(_type.Find(key)!))}) is not null");
            var keys = string.Join(", ", _type.AnyOf.Select(key => $"'{key}'"));
            yield return $"""
                when s.match_id is not null and s.mentioned && array[{keys}]
                    and ({Probe.OfId(_type, "s.match_id").Select(string.Join(" or ", left), 1)}) is not true
                then 'any_of'
                """;
        }

        foreach (var field in _type.Columns.Where(field => field.Kind == FieldKind.Reference))
        {
            yield return $"when {StageSql.PointsNowhere(field)} then 'not_found {field.Key}'";
        }

        var unique = _type.Fields.Where(field => field.Unique).ToList();
        foreach (var field in unique.Where(field => !field.IsReadOnly)) yield return Duplicate(field, StageSql.KeyColumn(field));
        foreach (var field in unique.Where(field => _creates && field.IsReadOnly))
        {
            yield return Duplicate(field, "auto_key", "s.match_id is null and ");
        }
    }

    private string Duplicate(Field field, string key, string where = "")
    {
        var found = StageSql.Lookup(_type, field, key);
        return $"""
            when {where}s.{key} is not null
                and (select true from ({found.Select(found.Id, 2)}) o(id) where o.id is distinct from s.match_id limit 1)
            then 'duplicate_value {field.Key}'
            """;
    }

    private static string After(string mentioned, string column, string value) =>
        $"case when '{mentioned}' = any (s.mentioned) then {value} else r.{column} end";
}
