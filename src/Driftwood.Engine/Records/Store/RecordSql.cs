using System.Globalization;
using System.Runtime.CompilerServices;
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
        Returned = string.Join(
            ", ", ["id", .. Columns.Select(field => field.Key), "custom", "tags", "created_at", "created_by", "updated_at", "updated_by"]);
        Insert = MakeInsert(type);
        Update = MakeUpdate(type, owned);
        Get = $"select {Returned} from {table} r where {owned} and r.id = $2";
        Delete = $"delete from {table} r where {owned} and r.id = $2";
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

    public string Delete { get; }

    public string Exists { get; }

    /// <summary>The columns of a record as <see cref="RecordRow"/> reads them.</summary>
    public string Returned { get; }

    public static RecordSql Of(RecordType type) => Made.GetValue(type, type => new RecordSql(type));

    private string MakeInsert(RecordType type)
    {
        var stored = Stored(4).ToList();
        var (typeColumn, typeId) = type.TypeId is { } id ? (", type_id", $", '{id}'") : ("", "");
        return $"""
            insert into {type.Table} (account_id{typeColumn}, id, {string.Join(", ", stored.Select(column => column.Name))},
                created_at, created_by, updated_at, updated_by)
            values ($1{typeId}, $2, {string.Join(", ", stored.Select(column => column.Value))}, now(), $3, now(), $3)
            returning {Returned}
            """;
    }

    // A field that was not mentioned keeps its value at the time the row is locked; an earlier read could not guarantee that. For
    // the same reason, the condition also contains the rule on the result.
    private string MakeUpdate(RecordType type, string owned)
    {
        var stored = Stored(6).ToDictionary(column => column.Name, New);
        var rule = type.AnyOf.Count == 0 ? "" : $" and ({string.Join(" or ", type.AnyOf.Select(key => $"({stored[key]}) is not null"))})";
        return $"""
            update {type.Table} r
            set {string.Join(",\n    ", stored.Select(column => $"{column.Key} = {column.Value}"))},
                updated_at = now(), updated_by = $3
            where {owned} and r.id = $2{rule}
            returning {Returned}
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
