using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;

namespace Driftwood.Tests.Engine.Filters;

public sealed class FilterJsonTests
{
    [Theory]
    [InlineData("""{"field": "city", "op": "eq", "value": " Oslo\u00A0"}""", """{"field":"city","op":"eq","value":"Oslo"}""")]
    [InlineData("""{"field": "city", "op": "contains", "value": " Oslo "}""", """{"field":"city","op":"contains","value":" Oslo "}""")]
    [InlineData("""{"field": "city", "op": "starts_with", "value": " Os "}""", """{"field":"city","op":"starts_with","value":" Os "}""")]
    [InlineData("""{"field": "email", "op": "starts_with", "value": " Ann "}""", """{"field":"email","op":"starts_with","value":"Ann"}""")]
    [InlineData(
        """{"field": "email", "op": "eq", "value": "not an address"}""", """{"field":"email","op":"eq","value":"not an address"}""")]
    [InlineData("""{"field": "birthday", "op": "gte", "value": "1990/2/8"}""", """{"field":"birthday","op":"gte","value":"1990-02-08"}""")]
    [InlineData(
        """{"field": "created_at", "op": "lt", "value": "2025-06-15T14:30:00+02:00"}""",
        """{"field":"created_at","op":"lt","value":"2025-06-15T12:30:00.000000Z"}""")]
    [InlineData("""{"field": "score", "op": "in", "value": [1, 1.0, 10e-1, 2]}""", """{"field":"score","op":"in","value":[1,2]}""")]
    [InlineData("""{"field": "like", "op": "ne", "value": -1.50}""", """{"field":"like","op":"ne","value":-1.50}""")]
    [InlineData("""{"field": "active", "op": "eq", "value": false}""", """{"field":"active","op":"eq","value":false}""")]
    [InlineData(
        """{"field": "stage", "op": "in", "value": ["in progress", "NEW", "new"]}""",
        """{"field":"stage","op":"in","value":["In  Progress","New"]}""")]
    [InlineData(
        """{"field": "tags", "op": "has_any_tag", "value": ["VIP", "vip", " old   one"]}""",
        """{"field":"tags","op":"has_any_tag","value":["VIP","old one"]}""")]
    [InlineData("""{"field": "interests", "op": "is_not_blank"}""", """{"field":"interests","op":"is_not_blank"}""")]
    [InlineData(
        """{"and": [{"or": [{"field": "city", "op": "is_blank"}]}, {"and": [{"field": "state", "op": "is_blank"}]}]}""",
        """{"and":[{"field":"city","op":"is_blank"},{"field":"state","op":"is_blank"}]}""")]
    [InlineData(
        """{"not": {"not": {"field": "id", "op": "eq", "value": "550E8400-E29B-41D4-A716-446655440000"}}}""",
        """{"not":{"not":{"field":"id","op":"eq","value":"550e8400-e29b-41d4-a716-446655440000"}}}""")]
    public void Reads_a_filter(string json, string canonical) => Assert.Equal(canonical, FilterJson.Write(Read(json, out _)!));

    [Theory]
    [InlineData("[]", "filter wrong_type: Found an array, expected an object with a condition.")]
    [InlineData("null", "filter wrong_type: Found null, expected an object with a condition.")]
    [InlineData("{}", "filter.field required: A comparison needs field.")]
    [InlineData("""{"field": "city"}""", "filter.op required: A comparison needs op.")]
    [InlineData("""{"field": "city", "op": "eq"}""", "filter.value required: eq needs a value.")]
    [InlineData("""{"field": "city", "op": "is_blank", "value": null}""", "filter.value unknown_member: is_blank takes no value.")]
    [InlineData("""{"field": "city", "op": "eq", "value": "x", "mode": 1}""", "filter.mode unknown_member: There is no such member.")]
    [InlineData("""{"field": "city", "field": "state", "op": "is_blank"}""", "filter.field duplicate_member: The member is there twice.")]
    [InlineData(
        """{"and": [], "or": []}""", "filter unknown_member: Found and, or, expected and, or, or not alone, or else field, op and value.")]
    [InlineData(
        """{"not": {}, "op": "eq"}""",
        "filter unknown_member: Found not, op, expected and, or, or not alone, or else field, op and value.")]
    [InlineData("""{"and": []}""", "filter.and required: Found an empty array, expected at least one condition.")]
    [InlineData("""{"or": {}}""", "filter.or wrong_type: Found an object, expected an array of conditions.")]
    [InlineData("""{"field": "colour", "op": "eq", "value": 1}""", "filter.field unknown_field: colour is not a field of contacts.")]
    [InlineData("""{"field": 1, "op": "eq", "value": 1}""", "filter.field wrong_type: Found a number, expected a string.")]
    [InlineData(
        """{"field": "birthday", "op": "contains", "value": "x"}""",
        "filter.op invalid_operator: Found contains for birthday, which is of the kind date; expected eq, ne, lt, lte, gt, gte, in, "
        + "is_blank, is_not_blank.")]
    [InlineData(
        """{"field": "tags", "op": "eq", "value": "x"}""",
        "filter.op invalid_operator: Found eq for tags, which is of the kind tags; expected has_tag, has_any_tag, has_all_tags, is_blank, "
        + "is_not_blank.")]
    [InlineData(
        """{"field": "score", "op": "eq", "value": "5"}""", "filter.value wrong_type: Found a string for score, expected a whole number.")]
    [InlineData("""{"field": "city", "op": "eq", "value": 5}""", "filter.value wrong_type: Found a number for city, expected a string.")]
    [InlineData(
        """{"field": "city", "op": "eq", "value": ["x"]}""", "filter.value wrong_type: Found an array for city, expected a string.")]
    [InlineData("""{"field": "city", "op": "in", "value": "x"}""", "filter.value wrong_type: Found a string, expected an array.")]
    [InlineData("""{"field": "city", "op": "in", "value": []}""", "filter.value required: Found 0 values, expected 1 to 1000.")]
    [InlineData(
        """{"field": "score", "op": "eq", "value": 1.5}""",
        "filter.value invalid_integer: Found 1.5, which is not whole; expected a whole number such as 50.")]
    [InlineData(
        """{"field": "birthday", "op": "eq", "value": "1990-02-30"}""",
        "filter.value invalid_date: Found 1990-02-30, which is not a date; expected year-month-day such as 1990-02-28.")]
    [InlineData(
        """{"field": "city", "op": "eq", "value": null}""",
        "filter.value blank_value: Found null, which compares with nothing; blank fields are found by is_blank.")]
    [InlineData(
        """{"field": "city", "op": "in", "value": ["x", " "]}""",
        "filter.value[1] blank_value: A blank value compares with nothing; blank fields are found by is_blank (IS NULL in a query).")]
    [InlineData(
        """{"field": "phone", "op": "eq", "value": "+"}""",
        "filter.value blank_value: Nothing is left of the value to compare once it is normalised for the field.")]
    [InlineData(
        """{"field": "city", "op": "like", "value": "a\\\\\\"}""",
        "filter.value invalid_pattern: A pattern cannot end in a single backslash; two stand for one.")]
    [InlineData(
        """{"field": "stage", "op": "eq", "value": "Old"}""",
        "filter.value invalid_choice: Found Old, which is not an option of the field; expected one of New, In  Progress, Won't do.")]
    [InlineData(
        """{"and": [{"field": "city", "op": "is_blank"}, {"not": {"field": "x", "op": "is_blank"}}]}""",
        "filter.and[1].not.field unknown_field: x is not a field of contacts.")]
    public void Refuses_a_filter(string json, string fault)
    {
        Assert.Null(Read(json, out var faults));
        Assert.Equal(fault, Show(Assert.Single(faults)));
    }

    [Fact]
    public void Faults_list_what_would_be_accepted()
    {
        Read(
            """
            {"or": [{"field": "x", "op": "eq", "value": 1}, {"field": "active", "op": "in", "value": [true]},
                {"field": "stage", "op": "eq", "value": "x"}, {"x": 1}]}
            """,
            out var faults);
        Assert.Equal(FilterFields.All(FilterTypes.MadeUp).Select(field => field.Key), faults[0].Accepted);
        Assert.Equal(["eq", "ne", "is_blank", "is_not_blank"], faults[1].Accepted);
        Assert.Equal(["New", "In  Progress", "Won't do"], faults[2].Accepted);
        Assert.Equal(["and", "or", "not", "field", "op", "value"], faults[3].Accepted);
    }

    [Fact]
    public void Each_limit_holds_to_the_one()
    {
        const string blank = """{"field":"city","op":"is_blank"}""";
        string Values(int count) => $$"""{"field":"score","op":"in","value":[{{string.Join(',', Enumerable.Range(0, count))}}]}""";
        string Tags(int count) =>
            $$"""{"field":"tags","op":"has_any_tag","value":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i}\""))}}]}""";
        string Text(int count) => $$"""{"field":"city","op":"eq","value":"{{string.Concat(Enumerable.Repeat("😀", count))}}"}""";
        string All(int count, string of) => $$"""{"and":[{{string.Join(',', Enumerable.Repeat(of, count))}}]}""";
        string Nested(int count) => count == 0 ? blank : $$"""{"not":{{Nested(count - 1)}}}""";
        void Check(Func<int, string> make, int most, string fault)
        {
            Assert.NotNull(Read(make(most), out _));
            Assert.Null(Read(make(most + 1), out var faults));
            Assert.Equal(fault, Show(Assert.Single(faults)));
        }

        Check(Values, FilterLimits.MaxListValues, "filter.value too_many_values: Found 1001 values, expected 1 to 1000.");
        Check(Tags, FilterLimits.MaxTags, "filter.value too_many_values: Found 101 values, expected 1 to 100.");
        Check(Text, FilterLimits.MaxTextLength, "filter.value too_long: Found 10001 characters; expected at most 10000.");
        Check(count => All(count, blank), FilterLimits.MaxConditions, "filter.and[500] too_many_conditions: More than 500 conditions.");
        Check(count => All(count, Values(1000)), 5,
            "filter.and[5].value too_many_values: More than 5000 values in all conditions together.");
        var notes = string.Join('.', Enumerable.Repeat("not", FilterLimits.MaxDepth + 1));
        Check(Nested, FilterLimits.MaxDepth, $"filter.{notes} too_deep: Nested more than 20 deep.");
    }

    [Fact]
    public void No_more_than_a_hundred_faults_are_told()
    {
        Read($$"""{"or": [{{string.Join(',', Enumerable.Repeat("1", 300))}}]}""", out var faults);
        Assert.Equal(FilterLimits.MaxFaults, faults.Count);
    }

    private static string Show(Fault fault) => $"{fault.Path} {fault.Code}: {fault.Message}";

    private static Filter? Read(string json, out List<Fault> faults)
    {
        using var document = JsonDocument.Parse(json);
        faults = [];
        var filter = FilterJson.Read(FilterTypes.MadeUp, document.RootElement, faults);
        Assert.Equal(filter is null, faults.Count > 0);
        return filter;
    }
}
