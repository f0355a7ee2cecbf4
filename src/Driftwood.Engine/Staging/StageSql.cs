using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Staging;

/// <summary>
/// Parts of the statements on the table <c>stage</c>, whose rows are <c>s</c>. <c>@wave</c> picks the rows that may be applied
/// as a set. They are marked with the record that they match (<c>match_id</c>) and with what keeps them from being applied
/// (<c>fault</c>).
/// </summary>
internal static class StageSql
{
    public const string InWave = "s.wave = @wave";

    /// <summary>Rows without a fault, as far as is known by then.</summary>
    public const string Sound = $"{InWave} and s.fault is null";

    /// <summary>Sound rows that match no record.</summary>
    public const string Created = $"{Sound} and s.match_id is null";

    /// <summary>Sound rows that match a record.</summary>
    public const string Changed = $"{Sound} and s.match_id is not null";

    /// <summary>The <see cref="Changed"/> rows in the order of the records' ids, in which everyone locks who changes many.</summary>
    public const string ChangedInIdOrder = $"(select s.* from stage s where {Changed} order by s.match_id offset 0) s";

    /// <summary>The column of a field's staged value.</summary>
    public static string ValueColumn(Field field) => "v_" + field.Key;

    /// <summary>The column of a field's staged match key. Keys of custom fields may be as long as a column's name can be.</summary>
    public static string KeyColumn(Field field) => field.Slot is { } slot ? Invariant($"k_{slot}") : "k_" + field.Key;

    /// <summary>A field's staged value as the records' table has it.</summary>
    public static string Value(Field field) => $"s.{ValueColumn(field)}{(field.SqlType == "text" ? "" : "::" + field.SqlType)}";

    /// <summary>
    /// The records with a staged key, under the name <c>r</c>, and the column of their ids. Further conditions can follow.
    /// </summary>
    public static (string From, string Id) Lookup(RecordType type, Field field, string key)
    {
        if (field.KeyColumn is { } column)
        {
            return ($"from {type.Table} r where {type.SameOwner("r", "s")} and r.{column} = s.{key}", "r.id");
        }
        var ofField = $"r.account_id = s.account_id and r.field_id = '{field.UniqueId}'";
        return ($"from unique_values r where {ofField} and r.key = s.{key}", "r.record_id");
    }

    /// <summary>The matched records, locked in the order of their ids as <c>locked</c>.</summary>
    public static string LockChanged(RecordType type, string condition = "true") => $"""
        from {ChangedInIdOrder}
        cross join lateral (
            select 1 from {type.Table} r where {type.SameOwner("r", "s")} and r.id = s.match_id and {condition} for update of r) locked
        """;

    /// <summary>That a staged reference points to no record of the account.</summary>
    public static string PointsNowhere(Field field)
    {
        var value = "s." + ValueColumn(field);
        var target = $"select 1 from {field.Target} t where t.account_id = s.account_id and t.id = {value}::uuid";
        return $"{value} is not null and not exists ({target})";
    }

    /// <summary>
    /// Takes the staged values of a unique field that no index keeps apart, once records are written: in the order of the keys, as
    /// records are inserted, so that two writers of the same keys do not deadlock. A value that another writer took meanwhile is a
    /// clash, as one of a unique index is.
    /// </summary>
    public static string TakeValues(Field field, string key, string rows) => $"""
        insert into unique_values (account_id, field_id, key, record_id)
        select s.account_id, '{field.UniqueId}', s.{key}, coalesce(s.match_id, s.new_id) from stage s
        where {rows} and s.{key} is not null and not exists (
            select 1 from unique_values u
            where u.account_id = s.account_id and u.field_id = '{field.UniqueId}' and u.key = s.{key} and u.record_id = s.match_id)
        order by s.{key}
        """;

    /// <summary>Gives up values <c>u</c> of a field of changed records, before others are taken.</summary>
    public static string GiveUpValues(Field field, string condition) => $"""
        delete from unique_values u using stage s
        where {Changed} and u.account_id = s.account_id and u.field_id = '{field.UniqueId}' and u.record_id = s.match_id and {condition}
        """;
}
