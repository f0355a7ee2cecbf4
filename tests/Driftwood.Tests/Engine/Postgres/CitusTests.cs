using System.Text.RegularExpressions;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Postgres;

/// <summary>
/// Statements on single records, on record types and of jobs have no construct that Citus 13.2 is known to refuse.
/// </summary>
public sealed partial class CitusTests
{
    [Theory]
    [InlineData("contacts_email", "", "contacts_email")]
    [InlineData("contacts_email_102044", "", "contacts_email")]
    [InlineData(null, "duplicate key value violates unique constraint \"contacts_email_102044\"", "contacts_email")]
    [InlineData(
        null,
        "insert or update on table \"contacts_102043\" violates foreign key constraint \"contacts_account_id_company_id_fkey_102043\"",
        "contacts_account_id_company_id_fkey")]
    [InlineData(null, "value too long", null)]
    public void The_name_of_a_constraint_has_no_shard(string? constraint, string message, string? name) =>
        Assert.Equal(name, ConstraintNames.Of(constraint, message));

    [Theory]
    [InlineData("XX000", "duplicate key value violates unique constraint \"contacts_email_102044\"", "23505")]
    [InlineData("XX000", "insert or update on table \"contacts_102043\" violates foreign key constraint \"c_fkey_102043\"", "23503")]
    [InlineData("XX000", "index row size 3000 exceeds btree version 4 maximum 2704 for index \"contacts_tags_102043\"", "54000")]
    [InlineData("XX000", "postmaster was shut down, exiting", "57P01")]
    [InlineData("XX000", "cache lookup failed for type 0", "XX000")]
    [InlineData("40001", "duplicate key value violates unique constraint \"contacts_email\"", "40001")]
    public void An_error_of_a_copy_gets_its_code_back(string state, string message, string code) =>
        Assert.Equal(code, PostgresFaults.CodeOf(state, message));

    [Theory]
    [InlineData("insert into t (a) values (1) on conflict (a) do update set b = nextval('s')", 1)]
    [InlineData("insert into t (a) values (1) on conflict (a) do update set b = excluded.b", 0)]
    [InlineData("update t set a = clock_timestamp() where account_id = $1", 1)]
    [InlineData("update t set a = now() where account_id = $1", 0)]
    [InlineData("update t set a = null where account_id = $1 returning id, json_build_array($2, null)", 1)]
    [InlineData("with p as (select json_build_array($2, null) as d) update t set a = null from p returning t.id, p.d", 0)]
    public void A_construct_that_Citus_refuses_is_seen(string text, int refused) => Assert.Equal(refused, Refused(text).Count());

    [Theory]
    [InlineData("update lanes set a = case when b then statement_timestamp() end where account_id = $1", 1)]
    [InlineData("update lanes set a = statement_timestamp() where account_id = $1", 0)]
    [InlineData("update contacts r set birthday = coalesce(s.v_birthday::date, r.birthday) from found s where r.id = s.id", 1)]
    [InlineData("update contacts r set birthday = s.new_birthday from found s where r.id = s.id", 0)]
    [InlineData("update stage s set match_id = (select r.id from contacts r where r.account_id = @account) where s.wave = 1", 1)]
    [InlineData("with marks as (select 1 from contacts) update stage s set match_id = m.id from marks m where s.seq = m.seq", 0)]
    [InlineData("delete from unique_values r using (select s.place from stage s) s where r.ctid = s.place", 1)]
    [InlineData("delete from contacts r using (select t.place from bulk_target_runs t) t where r.ctid = t.place", 1)]
    [InlineData("delete from unique_values r where r.ctid = any (array(select place from stage s))", 1)]
    [InlineData("select account_id from lanes where status = 'ready' limit 1 for update skip locked", 1)]
    [InlineData("select lane from lanes where account_id = @account for update skip locked", 0)]
    public void A_construct_of_jobs_that_Citus_refuses_is_seen(string text, int refused) => Assert.Equal(refused, Refused(text).Count());

    [Fact]
    public void Statements_of_jobs_have_none()
    {
        var texts = JobStatements.OfFiles().Concat(JobStatements.OfImports(SqlDialect.Citus))
            .Concat(JobStatements.OfBulkJobs(SqlDialect.Citus)).Concat(JobStatements.OfUndos(SqlDialect.Citus)).ToList();
        Assert.InRange(texts.Count, 500, int.MaxValue);
        Assert.Empty(texts.SelectMany(text => Refused(text).Select(found => $"{found}: {text}")).Distinct());
    }

    [Fact]
    public void The_forms_for_one_server_have_some()
    {
        Assert.NotEmpty(JobStatements.OfImports(SqlDialect.Plain).SelectMany(Refused));
        Assert.NotEmpty(JobStatements.OfBulkJobs(SqlDialect.Plain).SelectMany(Refused));
        Assert.NotEmpty(JobStatements.OfUndos(SqlDialect.Plain).SelectMany(Refused));
    }

    [Fact]
    public void Statements_on_single_records_have_none()
    {
        var texts = RecordTypes.BuiltIn.Append(RecordTypes.AnyCustom).Select(RecordSql.Of)
            .SelectMany(sql => new[] { sql.Insert, sql.Update, sql.Get, sql.Delete, sql.Unlink ?? "", sql.Exists });
        Assert.Empty(texts.SelectMany(Refused));
    }

    [Fact]
    public void Statements_on_record_types_have_none()
    {
        var folder = Path.Combine(Repository.Root, "src", "Driftwood.Api", "Features", "Types");
        Assert.Empty(Directory.EnumerateFiles(folder, "*.cs").SelectMany(file => Refused(File.ReadAllText(file))));
    }

    private static IEnumerable<string> Refused(string text) =>
        new[]
        {
            NotImmutableInDoUpdate(), VolatileInUpdate(), NotImmutableInReturning(), TimeInCase(), SettingsInUpdate(),
            TemporaryFromOthers(), Place(), LockOverAccounts(),
        }
        .SelectMany(pattern => pattern.Matches(text)).Select(match => match.Value);

    [GeneratedRegex(@"\bdo update\s+set\b[^;]*?\b(nextval|now|clock_timestamp)\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex NotImmutableInDoUpdate();

    [GeneratedRegex(@"(?<!do )\bupdate\s+\w+(\s+\w)?\s+set\b[^;]*?\b(nextval|random|clock_timestamp)\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex VolatileInUpdate();

    [GeneratedRegex(
        @"\bupdate\s+\w+(\s+\w)?\s+set\b((?!\b(from|where)\b)[^;])*?\bcase\b((?!\bend\b)[^;])*?\b(now|\w+_timestamp)\s*\(",
        RegexOptions.ExplicitCapture)]
    private static partial Regex TimeInCase();

    // PostgreSQL reads a text as a date by the setting DateStyle, so the cast is not immutable, and Citus refuses it in an UPDATE.
    [GeneratedRegex(
        @"\bupdate\s+(contacts|companies|sources|custom_records)\s+r\s+set\b((?!\bfrom\b)[^;])*?\w\.\w+::(date|timestamptz)\b",
        RegexOptions.ExplicitCapture)]
    private static partial Regex SettingsInUpdate();

    [GeneratedRegex(
        @"\bupdate\s+(stage|undoing|claims)\s+s\s+set\b(?![^;]*\bfrom marks\b)[^;]*?"
        + @"\b(from|join)\s+(contacts|companies|sources|custom_records|unique_values|dry_run_\w+|changes)\b",
        RegexOptions.ExplicitCapture)]
    private static partial Regex TemporaryFromOthers();

    // Citus refuses places in a statement that also reads rows that come from the coordinator.
    [GeneratedRegex(@"\br\.ctid = (\w+\.place|any)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Place();

    [GeneratedRegex(@"^(?![^;]*\baccount_id = (@account|\$1))[^;]*\bskip locked\b", RegexOptions.ExplicitCapture)]
    private static partial Regex LockOverAccounts();

    [GeneratedRegex(@"\breturning\b[^)]*?\b(json_build_array|json_build_object|now|clock_timestamp)\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex NotImmutableInReturning();
}
