using System.Text.RegularExpressions;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Postgres;

/// <summary>
/// Statements on single records and on record types have no construct that Citus 13.2 refuses. Statements of jobs may still have some.
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
    [InlineData("insert into t (a) values (1) on conflict (a) do update set b = nextval('s')", 1)]
    [InlineData("insert into t (a) values (1) on conflict (a) do update set b = excluded.b", 0)]
    [InlineData("update t set a = clock_timestamp() where account_id = $1", 1)]
    [InlineData("update t set a = now() where account_id = $1", 0)]
    [InlineData("update t set a = null where account_id = $1 returning id, json_build_array($2, null)", 1)]
    [InlineData("with p as (select json_build_array($2, null) as d) update t set a = null from p returning t.id, p.d", 0)]
    public void A_construct_that_Citus_refuses_is_seen(string text, int refused) => Assert.Equal(refused, Refused(text).Count());

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
        new[] { NotImmutableInDoUpdate(), VolatileInUpdate(), NotImmutableInReturning() }
            .SelectMany(pattern => pattern.Matches(text)).Select(match => match.Value);

    [GeneratedRegex(@"\bdo update\s+set\b[^;]*?\b(nextval|now|clock_timestamp)\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex NotImmutableInDoUpdate();

    [GeneratedRegex(@"(?<!do )\bupdate\s+\w+(\s+\w)?\s+set\b[^;]*?\b(nextval|random|clock_timestamp)\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex VolatileInUpdate();

    [GeneratedRegex(@"\breturning\b[^)]*?\b(json_build_array|json_build_object|now|clock_timestamp)\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex NotImmutableInReturning();
}
