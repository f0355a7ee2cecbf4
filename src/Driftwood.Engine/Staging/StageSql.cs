using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Staging;

/// <summary>
/// Parts of the statements on the table <c>stage</c>, whose rows are <c>s</c>. <c>@wave</c> picks the rows that may be applied
/// as a set. They are marked with the record that they match (<c>match_id</c>) and with what keeps them from being applied
/// (<c>fault</c>). Only rows that name the account <c>@account</c> are seen, so a row that strayed into another lane's stage has no
/// outcome, and its chunk is undone.
/// </summary>
internal static class StageSql
{
    public const string InWave = "s.account_id = @account and s.wave = @wave";

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

    /// <summary>The ids of the records with a staged key.</summary>
    public static Probe Lookup(RecordType type, Field field, string key) => field.KeyColumn is { } column
        ? Probe.Of(type, column, "s." + key)
        : new Probe("unique_values r", Invariant($"r.account_id = @account and r.field_id = '{field.UniqueId}'"), "r.key", "s." + key)
        {
            Id = "r.record_id",
        };

    /// <summary>The number of a staged row in its file or list, for the change log.</summary>
    public const string RowNumber = "(@row_numbers)[s.seq + 1] as row_number";

    /// <summary>Finds the records of the <see cref="Changed"/> rows, in the order of their ids, for <see cref="WriteFound"/>.</summary>
    /// <param name="log">The change log.</param>
    /// <param name="sets">The assignments.</param>
    /// <param name="dialect">The database.</param>
    /// <param name="condition">What must still hold for the record <c>r</c> of the row <c>s</c>.</param>
    public static string FindChanged(
        ChangeLog log, IEnumerable<(string Column, string Value)> sets, SqlDialect dialect, string condition = "true")
    {
        var detail = ChangeLog.Detail(sets, log.HasDetails);
        var (staged, read) = ("s.*", PlaceAndDetail(detail));
        if (dialect.IsDistributed) (staged, read) = ("s.account_id", $"{detail} as detail{dialect.Made(sets)}");
        return $"""
            select {staged}, s.match_id as id, {RowNumber}, m.* from {Many(ChangedInIdOrder, dialect)}
            cross join lateral ({Probe.OfId(log.Type, "s.match_id").And(condition).Select(read, 1)}) m offset 0
            """;
    }

    /// <summary>Staged rows for <see cref="WriteFound"/> (<see cref="Probe.Many"/>).</summary>
    /// <param name="rows">A table or subquery <c>s</c> with the columns of the stage.</param>
    /// <param name="dialect">The database.</param>
    public static string Many(string rows, SqlDialect dialect) => $"{Probe.Many(rows, "s.*", "(null::stage).*", dialect)} s";

    /// <summary>Reads the place of the record <c>r</c>, and what changes in it.</summary>
    public static string PlaceAndDetail(string detail) => $"r.ctid as place, {detail} as detail";

    /// <summary>
    /// Changes the found records that do not have the new values already, and returns how many were changed and how many were left alone.
    /// </summary>
    /// <param name="log">The change log.</param>
    /// <param name="found">Finds the rows with their records: <c>id</c>, <c>row_number</c>, <c>place</c> and <c>detail</c>.</param>
    /// <param name="sets">The assignments.</param>
    /// <param name="dialect">The database. In a cluster the records are locked, and the new values are in what is found.</param>
    public static string WriteFound(ChangeLog log, string found, IEnumerable<(string Column, string Value)> sets, SqlDialect dialect) =>
        log.WriteAndCountBoth(
            found,
            $"""
            update {log.Type.Table} r set {dialect.Assign(sets, "s")}updated_at = now(), updated_by = @user
            from {Probe.Found("found", dialect)} s
            where not (s.{ChangeLog.IsUnchanged})
                  and {Probe.IsAtPlace(log.Type, "s", "id", $"found where not ({ChangeLog.IsUnchanged})", dialect)}
            returning r.id, s.row_number{(log.HasDetails ? ", s.detail" : "")}
            """,
            Wave.Updates,
            Wave.Skips);

    /// <summary>Writes the change log of the <see cref="Created"/> rows, after their records are written.</summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="effect">What became of the rows.</param>
    public static string LogCreated(RecordType type, LogEffect effect = LogEffect.Created) =>
        new ChangeLog(type, effect) { HasRowNumbers = true }.Statement(
            Wave.Creates, $"(select s.new_id as id, {RowNumber} from stage s where {Created} order by s.new_id)");

    /// <summary>Writes the records that rows match and leave as they are to the change log.</summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="onlyStored">Leaves out records that are not stored: those that a dry run would create.</param>
    public static string LogSkipped(RecordType type, bool onlyStored)
    {
        var isStored = onlyStored ? $" and {Probe.OfId(type, "s.match_id").First} is not null" : "";
        return new ChangeLog(type, LogEffect.Skipped) { HasRowNumbers = true }
            .Statement(Wave.Skips, $"(select s.match_id as id, {RowNumber} from stage s where {Changed}{isStored} order by s.match_id)");
    }

    /// <summary>The matched records, locked in the order of their ids as <c>locked</c>.</summary>
    public static string LockChanged(RecordType type, string condition = "true") => $"""
        from {ChangedInIdOrder}
        cross join lateral ({Probe.OfId(type, "s.match_id").And(condition).Select("1", 1)} for update of r) locked
        """;

    /// <summary>That a staged reference points to no record of the account.</summary>
    public static string PointsNowhere(Field field)
    {
        var value = "s." + ValueColumn(field);
        return $"{value} is not null and {Probe.OfTarget(field, value).First} is null";
    }

    /// <summary>
    /// Takes the staged values of a unique field that no index keeps apart, once records are written: in the order of the keys, as
    /// records are inserted, so that two writers of the same keys do not deadlock. A value that another writer took meanwhile is a
    /// clash, as one of a unique index is.
    /// </summary>
    public static string TakeValues(Field field, string key, string rows, SqlDialect dialect)
    {
        var ofField = Invariant($"u.account_id = @account and u.field_id = '{field.UniqueId}'");
        var owner = new Probe("unique_values u", ofField, "u.key", "s." + key) { Id = "u.record_id" };
        return $"""
            insert into unique_values (account_id, field_id, key, record_id)
            select s.account_id, '{field.UniqueId}', s.{key}, coalesce(s.match_id, s.new_id) from stage s
            where {rows} and s.{key} is not null and {owner.First} is distinct from coalesce(s.match_id, s.new_id)
            order by s.{key}{dialect.Refusable}
            """;
    }

    /// <summary>Gives up values <c>u</c> of a field of changed records, before others are taken.</summary>
    public static string GiveUpValues(Field field, string condition, SqlDialect dialect)
    {
        var held = new Probe("unique_values u", "u.account_id = @account", "u.record_id", "s.match_id")
            .And(Invariant($"u.field_id = '{field.UniqueId}' and {condition}"));
        return $"{held.Delete("stage s", $" where {Changed}", ["key"], dialect)} and r.field_id = '{field.UniqueId}'";
    }
}
