using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>The statements of an operation that changes records, made from its assignments and its faults.</summary>
internal sealed class ChangeSql(RecordType type, bool keepsChanges, SqlDialect dialect)
{
    /// <summary>The columns of the record <c>r</c> that are set, each with the SQL of its new value.</summary>
    public List<(string Column, string Value)> Sets { get; } = [];

    /// <summary>Branches of a case expression that gives the code of a fault. The first match counts.</summary>
    public List<string> Faults { get; } = [];

    public OperationValues Values { get; } = new();

    /// <summary>The message of the fault <c>required</c>.</summary>
    public string RequiredMessage { get; set; } = $"The record would be left without any of {string.Join(", ", type.AnyOf)}.";

    /// <summary>Parts of the statement that update <c>unique_values</c> for <c>changed</c>; null if they are not needed.</summary>
    public string? UniqueValues { get; set; }

    /// <summary>Replaces the tags.</summary>
    public void SetTags(TagSet tags)
    {
        Values.Add("set_names", tags.Names);
        Values.Add("set_keys", tags.Keys);
        Sets.AddRange([("tags", "@set_names"), ("tag_keys", "@set_keys")]);
    }

    public TargetStatements ToStatements()
    {
        var sql = new TargetSql(type, dialect);
        return new TargetStatements
        {
            Apply = Change(sql, sql.Whole),
            ApplyToLeftOut = Change(sql, sql.LeftOut),
            Lock = UniqueValues is null && !dialect.IsDistributed ? null : sql.Lock,
            Reject = TargetSql.Reject,
            Values = Values,
        };
    }

    private string Failures => $"""
        failures as (
            insert into target_failures (account_id, job_id, target_index, record_id, external_id, code, message)
            select @account, @job, f.target_index, f.record_id, f.external_id, coalesce(f.fault, 'not_found'),
                   case f.fault
                       when 'required' then '{RequiredMessage}'
                       when 'too_long' then 'The record would have more than {TagSet.MaxTags} tags.'
                       when 'not_found' then 'The record that it should point to does not exist.'
                       else 'There is no such record.'
                   end
            from left_out f where f.is_gone or f.fault is not null
            returning 1)
        """;

    // A record is checked in the statement's snapshot, and checked again in its current state if another writer has changed it. A record
    // that passes only the first check, or that was deleted meanwhile, is neither changed nor reported as a fault. Each new value is made
    // once: the record gets it, and the log compares it.
    private string Change(TargetSql sql, TargetSql.Part part)
    {
        string[] columns = [.. Sets.Select(set => set.Column)];
        var log = new ChangeLog(type, LogEffect.Updated) { HasDetails = keepsChanges, Dialect = dialect };
        var fault = Faults.Count == 0 ? "null" : $"case {string.Join(' ', Faults)} end";
        var made = string.Concat(Sets.Select(set => $", {set.Value} as new_{set.Column}"));
        var written = string.Concat(columns.Select(column => $"{column} = t.new_{column}, "));
        // A cluster takes no such case in an UPDATE. There the records are locked, and the look-up finds the faults.
        var (foundFault, isSound) = (Faults.Count, dialect.IsDistributed) switch
        {
            (0, _) => ("", ""),
            (_, true) => ($", {fault} as fault", "and t.fault is null"),
            _ => ("", $"and {fault} is null"),
        };
        return $"""
            with {TargetSql.Targets(part)},
            found as materialized (
                select t.*, t.record_id as id, {ChangeLog.Detail("t.before_", columns, "t.new_", keepsChanges)} as detail
                from {part.Records(ChangeLog.Before(columns) + made + foundFault)} t),
            changed as (
                update {type.Table} r set {written}updated_at = now(), updated_by = @user
                from {sql.Found} t
                where not (t.{ChangeLog.IsUnchanged}) and {sql.SameRecord($"found where not ({ChangeLog.IsUnchanged})")}
                      {isSound}
                returning r.account_id, r.id{(keepsChanges ? ", t.detail" : "")}),
            {log.OfJob(TargetStatements.Changes, "changed")},
            {log.OfUnchanged(TargetStatements.LeavesAlone, $"(select id from found where {ChangeLog.IsUnchanged})")},
            done as (select id from changed union all select id from found where {ChangeLog.IsUnchanged}),{UniqueValues}
            {sql.NotDone(part, fault)},
            {Failures}
            {TargetSql.Outcome(ChangeLog.Sum("left_alone"))}
            """;
    }
}
