using System.Text;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Tests.Engine.Filters;

public sealed class HostileFilterTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private static readonly RecordType Type = FilterTypes.MadeUp;

    [Theory]
    [MemberData(nameof(HostileInputs.Texts), MemberType = typeof(HostileInputs))]
    public async Task A_value_is_refused_or_a_parameter(string text)
    {
        List<Filter> read = [];
        foreach (var field in FilterFields.All(Type))
        {
            foreach (var op in field.Type.Operators.Where(op => FilterOperators.MaxValues(op) > 0))
            {
                var isList = FilterOperators.MaxValues(op) > 1;
                if (ReadJson(HostileInputs.Filter(field.Key, FilterOperators.Name(op), text, isList)) is { } filter) read.Add(filter);
            }
        }

        await ExecuteAsync(Or.Of(read));
    }

    [Theory]
    [MemberData(nameof(HostileInputs.Texts), MemberType = typeof(HostileInputs))]
    public async Task A_query_is_refused_or_its_values_are_parameters(string text)
    {
        foreach (var query in HostileInputs.Queries(text))
        {
            if (ReadText(query) is { Filter: { } filter }) await ExecuteAsync(filter);
        }
    }

    [Theory]
    [MemberData(nameof(HostileInputs.JsonValues), MemberType = typeof(HostileInputs))]
    public async Task Any_json_value_is_refused_or_executed(string value)
    {
        // is_blank takes no value, so the test can execute at least this filter.
        List<Filter> read = [ReadJson("""{"field": "city", "op": "is_blank"}""")!];
        foreach (var field in FilterFields.All(Type))
        {
            foreach (var op in Enum.GetValues<FilterOperator>().Select(FilterOperators.Name))
            {
                foreach (var given in new[] { value, $"[{value}]" })
                {
                    if (ReadJson($$"""{"field": "{{field.Key}}", "op": "{{op}}", "value": {{given}}}""") is { } filter) read.Add(filter);
                }
            }
        }

        await ExecuteAsync(Or.Of(read));
    }

    [Theory]
    [MemberData(nameof(HostileInputs.BrokenNames), MemberType = typeof(HostileInputs))]
    public void Half_a_surrogate_pair_is_refused_wherever_it_stands(string json) => Assert.Null(ReadJson(json));

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused()
    {
        using var document = JsonDocument.Parse(HostileInputs.NoUtf8);
        List<Fault> faults = [];
        Assert.Null(FilterJson.Read(Type, document.RootElement, faults));
        Assert.Equal("invalid_characters", Assert.Single(faults).Code);
    }

    [Theory]
    [MemberData(nameof(HostileInputs.EndlessQueries), MemberType = typeof(HostileInputs))]
    public void Ten_thousand_times_the_same_is_refused(string before, string middle, string after)
    {
        var text = HostileInputs.Endless(before, middle, after);
        // This text is short enough for the parser to read it.
        Assert.Null(ReadText(text[..Math.Min(text.Length, FilterLimits.MaxQueryLength)]));
        Assert.Null(ReadText($"score = {text[..Math.Min(text.Length, FilterLimits.MaxQueryLength - 8)]}"));
    }

    [Theory]
    [MemberData(nameof(HostileInputs.EndlessFilters), MemberType = typeof(HostileInputs))]
    public void Ten_thousand_deep_json_is_refused(string before, string after) =>
        Assert.Null(ReadJson(HostileInputs.EndlessFilter(before, after)));

    [Fact]
    public void A_megabyte_is_refused_at_once()
    {
        Assert.All(HostileInputs.Megabytes, text => Assert.Null(ReadText(text)));
        Assert.Null(ReadText("city = '\ud800'"));
        Assert.Null(ReadText("\udc00"));
    }

    [Fact]
    public async Task Any_garbled_query_is_refused_or_executed()
    {
        string[] query = [
            "(", "city", "=", "'a'", "OR", "score", "BETWEEN", "1", "AND", "2", ")", "AND", "NOT", "tags", "HAS", "ANY", "(", "'b'", ",",
            "'c'", ")", "OR", "city", "IS", "NULL"];
        string[] tokens =
        [
            .. query, "\"City\"", "active", "\"like\"", "like", "_record_id", "<>", "<", "IN", "ILIKE", "ALL", "'", "''", "\"", "-1.5e3",
                "TRUE", "SELECT", "*", "FROM", "contacts", "WHERE",
            "AS", ";", "--", "/*", "$1", "\\", "%", "é", "\u200B", "😀", ".", "::", "STARTS WITH", "",
        ];
        var (read, refused) = (0, 0);
        foreach (var seed in Cases.Seeds(5_000))
        {
            Random random = new(seed);
            string[] garbled = [.. query];
            for (var i = random.Next(4); i > 0; i--) garbled[random.Next(garbled.Length)] = tokens[random.Next(tokens.Length)];
            if (ReadText(string.Join(random.Next(4) == 0 ? "" : " ", garbled)) is not { Filter: { } filter })
            {
                refused++;
                continue;
            }

            if (read++ % 10 == 0) await ExecuteAsync(filter);
        }

        // In a few cases, such as a single repeated one, all may be of one sort.
        var least = (read + refused) / 50;
        Assert.True(least < 4 || (read > least && refused > least), $"{read} read, {refused} refused");
    }

    private static Filter? ReadJson(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 100_000 });
        List<Fault> faults = [];
        var filter = FilterJson.Read(Type, document.RootElement, faults);
        Assert.Equal(filter is null, faults.Count > 0);
        // The caller gets a fault as JSON.
        Assert.All(faults, fault => Assert.InRange(JsonSerializer.Serialize(fault).Length, 1, 10_000));
        return filter;
    }

    private static Query? ReadText(string text)
    {
        var query = QueryText.Read(text, [Type, RecordTypes.Companies], Type, out var fault);
        Assert.Equal(query is null, fault is not null);
        if (fault is not null) Assert.InRange(fault.Position, 1, Math.Min(text.Length, FilterLimits.MaxQueryLength) + 1);
        if (fault is not null) Assert.InRange(Encoding.UTF8.GetByteCount(fault.Message), 1, 500);
        return query;
    }

    private async Task ExecuteAsync(Filter filter)
    {
        await using var command = database.DataSource.CreateCommand();
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Empty });
        command.CommandText = $"select r.id from {Type.Table} r where r.account_id = $1 and {FilterSql.Write(filter, command.Parameters)}";
        Assert.DoesNotContain(HostileInputs.Mark, command.CommandText, StringComparison.OrdinalIgnoreCase);
        // The SQL writer's own text has none of these characters.
        Assert.DoesNotContain(command.CommandText, c => c is ';' or '\\' || c > '~');
        await command.ExecuteNonQueryAsync();
    }
}
