using System.Globalization;
using System.Runtime.CompilerServices;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Store;

/// <summary>
/// The statements on a type's table, made once from its fields. <c>$1</c> of every statement is the account. Values are passed
/// as text in their stored form, followed by their match key where the field has one. The database only casts them.
/// </summary>
internal sealed class RecordSql
{
    private static readonly ConditionalWeakTable<RecordType, RecordSql> Made = [];

    private RecordSql(RecordType type)
    {
        Columns = [.. type.Columns];
        var table = type.Table;
        var owned = type.Owned("r", "$1");
        ReturnedColumns =
            ["id", .. Columns.Select(field => field.Key), "custom", "tags", "created_at", "created_by", "updated_at", "updated_by"];
        Returned = string.Join(", ", ReturnedColumns);
        Insert = MakeInsert(type);
        Update = MakeUpdate(type, owned);
        Get = $"select {Returned} from {table} r where {owned} and r.id = $2";
        Delete = MakeDelete(type, owned);
        Unlink = MakeUnlink(type);
        Lock = $"select count(*) from (select r.id from {table} r where {owned} and r.id = $2 for update) locked";
        Exists = $"select exists (select from {table} r where {owned} and r.id = $2)";
    }

    public IReadOnlyList<Field> Columns { get; }

    /// <summary><c>$1</c> account, <c>$2</c> id, <c>$3</c> user, then values and keys, tags, tag keys, custom values.</summary>
    public string Insert { get; }

    /// <summary>
    /// <c>$1</c> account, <c>$2</c> id, <c>$3</c> user, <c>$4</c> mentioned fields, <c>$5</c> mentioned slots, then as
    /// <see cref="Insert"/>.
    /// </summary>
    public string Update { get; }

    /// <summary><c>$2</c> id.</summary>
    public string Get { get; }

    /// <summary>Returns the number of deleted records. <c>$2</c> id, <c>$3</c> user.</summary>
    public string Delete { get; }

    /// <summary>
    /// Runs before <see cref="Delete"/>, with its parameters: contacts no longer point to the record. Null if no contact can. A foreign
    /// key would do the same, but not write the change log.
    /// </summary>
    public string? Unlink { get; }

    /// <summary>Locks the record until the transaction ends. <c>$2</c> id.</summary>
    public string Lock { get; }

    public string Exists { get; }

    /// <summary>The columns of a record as <see cref="RecordRow"/> reads them.</summary>
    public string Returned { get; }

    private IReadOnlyList<string> ReturnedColumns { get; }

    public static RecordSql Of(RecordType type) => Made.GetValue(type, type => new RecordSql(type));

    private string MakeInsert(RecordType type)
    {
        var stored = Stored(4).ToList();
        var (typeColumn, typeId) = type.TypeId is { } id ? (", type_id", $", '{id}'") : ("", "");
        return Logged(new ChangeLog(type, LogEffect.Created), $"""
            insert into {type.Table} (account_id{typeColumn}, id, {string.Join(", ", stored.Select(column => column.Name))},
                created_at, created_by, updated_at, updated_by)
            values ($1{typeId}, $2, {string.Join(", ", stored.Select(column => column.Value))}, now(), $3, now(), $3)
            returning {Returned}
            """);
    }

    private string Logged(ChangeLog log, string statement) => $"""
        with changed as (
        {statement}),
        {log.OfRecords("$1", "$3", "changed")}
        select {Returned} from changed
        """;

    private static string MakeDelete(RecordType type, string owned) => $"""
        with changed as (
            delete from {type.Table} r where {owned} and r.id = $2 returning r.id, {new DeletedImages(type).Image} as detail),
        {new ChangeLog(type, LogEffect.Deleted) { HasDetails = true }.OfRecords("$1", "$3", "changed")}
        select count(*) from changed
        """;

    private static string? MakeUnlink(RecordType type) => RecordTypes.PointingTo(type) is not { } field ? null : $"""
        with pointing as materialized (
            select r.id, ',"{field.Key}":' || json_build_array($2, null) as detail
            from contacts r where r.account_id = $1 and r.{field.Key} = $2 order by r.id for update),
        changed as (
            update contacts r set {field.Key} = null, updated_at = now(), updated_by = $3
            from pointing p where r.account_id = $1 and r.id = p.id
            returning r.id, p.detail),
        {new ChangeLog(RecordTypes.Contacts, LogEffect.Updated) { HasDetails = true }
            .OfRecords("$1", "$3", ChangeLog.InIdOrder("changed"))}
        select count(*) from changed
        """;

    // A field that was not mentioned keeps its value at the time the row is locked; an earlier read could not guarantee that. For
    // the same reason, the condition also contains the rule on the result. A record that has all its values already is not written.
    private string MakeUpdate(RecordType type, string owned)
    {
        var stored = Stored(6).ToDictionary(column => column.Name, New);
        var rule = type.AnyOf.Count == 0 ? "" : $" and ({string.Join(" or ", type.AnyOf.Select(key => $"({stored[key]}) is not null"))})";
        var detail = ChangeLog.WillChange(stored.Select(column => (column.Key, column.Value)));
        return $"""
            with found as materialized (select {Returned}, {detail} as detail from {type.Table} r where {owned} and r.id = $2 for update),
            changed as (
                update {type.Table} r
                set {string.Join(",\n        ", stored.Select(column => $"{column.Key} = {column.Value}"))},
                    updated_at = now(), updated_by = $3
                from (select id as found_id, detail from found where not ({ChangeLog.IsUnchanged})) f
                where {owned} and r.id = f.found_id{rule}
                returning {Returned}, detail),
            {new ChangeLog(type, LogEffect.Updated) { HasDetails = true }.OfRecords("$1", "$3", "changed")}
            select {Returned} from changed
            union all
            select {Returned} from found where {ChangeLog.IsUnchanged}
            """;
    }

    private static string New((string Name, string Field, string Value) column) => column.Name == "custom"
        ? $"(custom - $5::text[]) || {column.Value}"
        : $"case when '{column.Field}' = any ($4) then {column.Value} else {column.Name} end";

    private IEnumerable<(string Name, string Field, string Value)> Stored(int parameter)
    {
        foreach (var field in Columns)
        {
            var cast = field.SqlType == "text" ? "" : "::" + field.SqlType;
            yield return (field.Key, field.Key, Parameter(parameter++) + "::text" + cast);
            if (field.KeyColumn is { } key) yield return (key, field.Key, Parameter(parameter++) + "::text");
        }

        yield return ("tags", "tags", Parameter(parameter++) + "::text[]");
        yield return ("tag_keys", "tags", Parameter(parameter++) + "::text[]");
        yield return ("custom", "custom", Parameter(parameter) + "::jsonb");
    }

    private static string Parameter(int number) => string.Create(CultureInfo.InvariantCulture, $"${number}");
}
