using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Filters;

public sealed class QueryTextTests
{
    private static readonly RecordType TestingApp = new(
        "testing_app",
        "Testing App",
        [
            new("name", "Name", FieldKind.Text) { MatchKey = MatchKeyKind.Name },
            new("status", "State of  Things", FieldKind.Text) { Slot = 1 },
            new("_mood", "Mood", FieldKind.Text) { Slot = 2 },
            new("mood", "How", FieldKind.Text) { Slot = 3 },
            new("twin_a", "Twin", FieldKind.Text) { Slot = 4 },
            new("twin_b", "twin", FieldKind.Text) { Slot = 5 },
        ],
        ["name", "id"])
    {
        TypeId = Guid.CreateVersion7(),
    };

    private static readonly RecordType[] Types = [
        FilterTypes.MadeUp, RecordTypes.Companies, RecordTypes.Sources, TestingApp,
        TestingApp with { Key = "twin_1", Label = "Twin Type" }, TestingApp with { Key = "twin_2", Label = "twin type" }];

    [Theory]
    [InlineData(
        """SELECT _record_id AS id FROM "Testing App" WHERE _status='delete_this'""",
        "SELECT id FROM testing_app WHERE status = 'delete_this'")]
    [InlineData("""select * from "testing  app" """, "SELECT id FROM testing_app")]
    [InlineData("""SELECT ID, _created_at AS "made on", "How" FROM Testing_App""", "SELECT id FROM testing_app")]
    [InlineData(
        """SELECT * FROM testing_app WHERE "state OF things" = 'x' AND _updated_at < '2025-01-01'""",
        "SELECT id FROM testing_app WHERE status = 'x' AND updated_at < '2025-01-01T00:00:00.000000Z'")]
    [InlineData(
        "SELECT * FROM testing_app WHERE _mood = 'a' AND mood = 'b' AND _how = 'c' AND _record_id = "
        + "'550E8400-E29B-41D4-A716-446655440000'",
        "SELECT id FROM testing_app WHERE _mood = 'a' AND mood = 'b' AND mood = 'c' AND id = '550e8400-e29b-41d4-a716-446655440000'")]
    [InlineData(
        "SELECT * FROM companies WHERE name != 'O''Brien; -- \"x\" /* $1'",
        "SELECT id FROM companies WHERE name <> 'O''Brien; -- \"x\" /* $1'")]
    public void Reads_a_query(string text, string canonical) => Assert.Equal(canonical, Canonical(text, null));

    [Theory]
    [InlineData("city = 'Oslo'", "city = 'Oslo'")]
    [InlineData("CITY='Oslo'and\"State\"<>'x'", "city = 'Oslo' AND state <> 'x'")]
    [InlineData("city = 'a' OR city = 'b' AND NOT city = 'c'", "city = 'a' OR city = 'b' AND NOT city = 'c'")]
    [InlineData("(city = 'a' OR city = 'b') AND city = 'c'", "(city = 'a' OR city = 'b') AND city = 'c'")]
    [InlineData("((city = 'a') OR ((city = 'b' AND city = 'c')))", "city = 'a' OR city = 'b' AND city = 'c'")]
    [InlineData("NOT (city = 'a' OR city = 'b')", "NOT (city = 'a' OR city = 'b')")]
    [InlineData("NOT NOT (city = 'a')", "NOT NOT city = 'a'")]
    [InlineData("score >= -5 AND score <= +7 AND score > 007", "score >= -5 AND score <= 7 AND score > 7")]
    [InlineData("\"like\" = .5e1 OR \"like\" < 1.50 OR \"LIKES\" = -2.0E-1", "\"like\" = 5 OR \"like\" < 1.50 OR \"like\" = -0.20")]
    [InlineData("active = TRUE OR active <> false", "active = TRUE OR active <> FALSE")]
    [InlineData("city IN ('a','b', 'a')", "city IN ('a', 'b')")]
    [InlineData("city NOT IN ('a')", "NOT city IN ('a')")]
    [InlineData(
        "city like 'a\\%_%' AND city NOT LIKE 'b' AND city ILIKE 'c' AND city NOT ILIKE ' d'",
        "city LIKE 'a\\%_%' AND NOT city LIKE 'b' AND city ILIKE 'c' AND NOT city ILIKE ' d'")]
    [InlineData("score BETWEEN 1 AND 2 AND active = true", "score >= 1 AND score <= 2 AND active = TRUE")]
    [InlineData("birthday NOT BETWEEN '1990/1/1' AND '1990-12-31'", "NOT (birthday >= '1990-01-01' AND birthday <= '1990-12-31')")]
    [InlineData(
        "city IS NULL OR city IS NOT NULL OR city IS BLANK OR city IS NOT BLANK",
        "city IS NULL OR city IS NOT NULL OR city IS NULL OR city IS NOT NULL")]
    [InlineData(
        "city CONTAINS 'x' AND city NOT CONTAINS 'y' AND city STARTS WITH 'z' AND city NOT STARTS WITH ' z'",
        "city CONTAINS 'x' AND NOT city CONTAINS 'y' AND city STARTS WITH 'z' AND NOT city STARTS WITH ' z'")]
    [InlineData(
        "tags HAS 'vip' AND tags NOT HAS 'old  one' AND tags HAS ANY ('a','A') AND tags HAS ALL ('b', 'c')",
        "tags HAS 'vip' AND NOT tags HAS 'old one' AND tags HAS ANY ('a') AND tags HAS ALL ('b', 'c')")]
    [InlineData("stage = 'won''t DO'", "stage = 'Won''t do'")]
    public void Reads_a_condition(string text, string canonical) =>
        Assert.Equal($"SELECT id FROM contacts WHERE {canonical}", Canonical(text, FilterTypes.MadeUp));

    [Theory]
    [InlineData("", "At position 1: found the end of the query, expected a field, NOT or '('.")]
    [InlineData("city = 'Oslo' ; DROP TABLE contacts", "At position 15: found ';', expected AND, OR or the end of the query.")]
    [InlineData("city = 'Oslo' -- and more", "At position 15: found '--', expected AND, OR or the end of the query.")]
    [InlineData("city = /* x */ 'Oslo'", "At position 8: found '/*', expected a string.")]
    [InlineData("city = $1", "At position 8: found '$', expected a string.")]
    [InlineData("`city` = 'x'", "At position 1: found '`', expected a field, NOT or '('.")]
    [InlineData("city = ‘Oslo’", "At position 8: found '‘', expected a string.")]
    [InlineData("city = \"Oslo\"", "At position 8: found \"Oslo\", expected a string.")]
    [InlineData("city = 'Oslo", "At position 8: found a ' that is never closed, expected a string.")]
    [InlineData("\"city = 'Oslo'", "At position 1: found a \" that is never closed, expected a field, NOT or '('.")]
    [InlineData("city = NULL", "At position 8: found NULL, expected a string; blank fields are found by IS NULL.")]
    [InlineData("score = NULL", "At position 9: found NULL, expected a whole number; blank fields are found by IS NULL.")]
    [InlineData("city = 5", "At position 8: found 5, expected a string.")]
    [InlineData("score = '5'", "At position 9: found '5', expected a whole number.")]
    [InlineData(
        "score = 1e3", "At position 9: for score, found 1e3, which has an exponent; expected all digits, such as 5000000.")]
    [InlineData("score = 1 2", "At position 11: found 2, expected AND, OR or the end of the query.")]
    [InlineData("active = 1", "At position 10: found 1, expected true or false.")]
    [InlineData(
        "birthday = '1990-02-30'",
        "At position 12: for birthday, found 1990-02-30, which is not a date; expected year-month-day such as 1990-02-28.")]
    [InlineData(
        "city = ' '",
        "At position 8: for city, a blank value compares with nothing; blank fields are found by is_blank (IS NULL in a query).")]
    [InlineData("colour = 'x'", "At position 1: found colour, expected a field of contacts.")]
    [InlineData("lower(city) = 'x'", "At position 1: found lower, expected a field of contacts.")]
    [InlineData(
        "city(1) = 'x'",
        "At position 5: found '(', expected an operator for city, which is of the kind text: =, <>, <, <=, >, >=, IN, CONTAINS, STARTS "
        + "WITH, LIKE, ILIKE, IS NULL, IS NOT NULL, BETWEEN.")]
    [InlineData(
        "active < TRUE",
        "At position 8: found '<', expected an operator for active, which is of the kind boolean: =, <>, IS NULL, IS NOT NULL.")]
    [InlineData(
        "tags NOT IN ('x')",
        "At position 6: found NOT, expected an operator for tags, which is of the kind tags: HAS, HAS ANY, HAS ALL, IS NULL, IS NOT NULL.")]
    [InlineData(
        "stage BETWEEN 'a' AND 'b'",
        "At position 7: found BETWEEN, expected an operator for stage, which is of the kind choice: =, <>, IN, IS NULL, IS NOT NULL.")]
    [InlineData("city NOT = 'x'", "At position 10: found '=', expected IN, LIKE, ILIKE, BETWEEN, CONTAINS, STARTS WITH or HAS after NOT.")]
    [InlineData("city IS 'x'", "At position 9: found 'x', expected NOT, NULL or BLANK.")]
    [InlineData("city IS NOT NOT NULL", "At position 13: found NOT, expected NULL or BLANK.")]
    [InlineData("city STARTS 'x'", "At position 13: found 'x', expected WITH.")]
    [InlineData("city IN 'x'", "At position 9: found 'x', expected '('.")]
    [InlineData("city IN ()", "At position 10: found ')', expected a string.")]
    [InlineData("city IN ('a' 'b')", "At position 14: found 'b', expected ',' or ')'.")]
    [InlineData("city IN (SELECT city FROM companies)", "At position 10: found SELECT, expected a string.")]
    [InlineData("score BETWEEN 1 OR 2", "At position 17: found OR, expected AND.")]
    [InlineData("(city = 'x'", "At position 12: found the end of the query, expected AND, OR or ')'.")]
    [InlineData("city = 'x')", "At position 11: found ')', expected AND, OR or the end of the query.")]
    [InlineData("city = 'x' AND", "At position 15: found the end of the query, expected a field, NOT or '('.")]
    [InlineData("AND city = 'x'", "At position 1: found AND, expected a field, NOT or '('.")]
    [InlineData("city LIKE 'x\\'", "At position 11: for city, a pattern cannot end in a single backslash; two stand for one.")]
    [InlineData("city = 'x' ORDER BY city", "At position 12: found ORDER, expected AND, OR or the end of the query.")]
    [InlineData("city = 'x' LIMIT 5", "At position 12: found LIMIT, expected AND, OR or the end of the query.")]
    [InlineData("city = 'x' GROUP BY city", "At position 12: found GROUP, expected AND, OR or the end of the query.")]
    [InlineData("city = 'x' UNION SELECT 1", "At position 12: found UNION, expected AND, OR or the end of the query.")]
    [InlineData("city = 'a\0b'", "At position 10: found a NUL or half a surrogate pair, expected text.")]
    [InlineData("city = '😀' AND state = 5", "At position 25: found 5, expected a string.")]
    [InlineData("SELECT * FROM companies WHERE name = 'x'", "At position 15: found companies, expected contacts.")]
    public void Refuses_a_condition(string text, string message) => AssertRefused(text, FilterTypes.MadeUp, message);

    [Theory]
    [InlineData("name = 'x'", "At position 1: found name, expected SELECT … FROM a record type.")]
    [InlineData("SELECT FROM companies", "At position 8: found FROM, expected '*' or a field.")]
    [InlineData("SELECT name, FROM companies", "At position 14: found FROM, expected '*' or a field.")]
    [InlineData("SELECT count(*) FROM companies", "At position 13: found '(', expected ',' or FROM.")]
    [InlineData("SELECT name AS 'x' FROM companies", "At position 16: found 'x', expected a name.")]
    [InlineData("SELECT colour FROM companies", "At position 8: found colour, expected a field of companies.")]
    [InlineData("SELECT * WHERE name = 'x'", "At position 10: found WHERE, expected ',' or FROM.")]
    [InlineData("SELECT * FROM invoices", "At position 15: found invoices, expected a record type.")]
    [InlineData("SELECT * FROM companies JOIN contacts", "At position 25: found JOIN, expected WHERE or the end of the query.")]
    [InlineData("SELECT * FROM companies, contacts", "At position 24: found ',', expected WHERE or the end of the query.")]
    [InlineData("SELECT * FROM companies WHERE", "At position 30: found the end of the query, expected a field, NOT or '('.")]
    [InlineData(
        "SELECT * FROM \"Twin Type\"",
        "At position 15: found \"Twin Type\", expected one of the record types of that label by its key: twin_1, twin_2.")]
    [InlineData(
        "SELECT * FROM testing_app WHERE TWIN = 'x'",
        "At position 33: found TWIN, expected one of the fields of that label by its key: twin_a, twin_b.")]
    [InlineData("DELETE FROM companies", "At position 1: found DELETE, expected SELECT … FROM a record type.")]
    public void Refuses_a_query(string text, string message) => AssertRefused(text, null, message);

    [Fact]
    public void Names_what_would_be_accepted()
    {
        QueryText.Read("colour = 'x'", Types, RecordTypes.Sources, out var fault);
        Assert.Equal(FilterFields.All(RecordTypes.Sources).Select(field => field.Key), fault!.Accepted);
        QueryText.Read("stage = 'x'", Types, FilterTypes.MadeUp, out fault);
        Assert.Equal(["New", "In  Progress", "Won't do"], fault!.Accepted);
        QueryText.Read("SELECT * FROM x", Types, null, out fault);
        Assert.Equal(Types.Select(type => type.Key), fault!.Accepted);
    }

    [Fact]
    public void Each_limit_holds_to_the_one()
    {
        string Values(int count) => $"score IN ({string.Join(", ", Enumerable.Range(0, count))})";
        string All(int count, string of) => string.Join(" AND ", Enumerable.Repeat(of, count));
        void Check(Func<int, string> make, int most, string message)
        {
            Assert.NotNull(QueryText.Read(make(most), Types, FilterTypes.MadeUp, out _));
            AssertRefused(make(most + 1), FilterTypes.MadeUp, message);
        }

        Check(Values, FilterLimits.MaxListValues, "At position 4901: found 1000, expected no more than 1000 values.");
        Check(count => All(count, "city IS NULL"), FilterLimits.MaxConditions,
            "At position 8501: found city, expected no more than 500 conditions.");
        Check(count => All(count, Values(1000)), 5, "At position 24531: found 0, expected no more than 5000 values in all.");
        Check(count => $"{new string('(', count)}city = 'x'{new string(')', count)}", FilterLimits.MaxDepth,
            "At position 21: found '(', expected no more than 20 NOT and parentheses around a condition.");
        Check(count => $"{string.Concat(Enumerable.Repeat("NOT ", count))}city = 'x'", FilterLimits.MaxDepth,
            "At position 81: found NOT, expected no more than 20 NOT and parentheses around a condition.");
        Check(count => "city = 'x'".PadRight(count), FilterLimits.MaxQueryLength,
            "At position 100001: found 100001 characters, expected at most 100000.");

        // There are ten parentheses, but each also adds an OR around an AND.
        var nested = Enumerable.Range(0, 11).Aggregate("city = 'x'", (inner, _) => $"state = 'x' OR city = 'x' AND ({inner})");
        AssertRefused(
            nested, FilterTypes.MadeUp, "At position 1: found state, expected a condition nested no more than 20 deep in AND, OR and NOT.");
    }

    private static string Canonical(string text, RecordType? of)
    {
        var query = QueryText.Read(text, Types, of, out var fault);
        Assert.True(query is not null, $"{text}: {fault?.Message}");
        return QueryText.Write(query.Type, query.Filter);
    }

    private static void AssertRefused(string text, RecordType? of, string message)
    {
        Assert.Null(QueryText.Read(text, Types, of, out var fault));
        Assert.Equal(message, fault!.Message);
        Assert.StartsWith(FormattableString.Invariant($"At position {fault.Position}: "), fault.Message);
    }
}
