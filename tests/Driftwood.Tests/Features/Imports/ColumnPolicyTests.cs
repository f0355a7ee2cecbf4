using System.Net;
using Driftwood.Tests.Features.BulkJobs;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Columns whose values not every matched record gets.</summary>
public sealed class ColumnPolicyTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    public static TheoryData<string, string> Refusals => new()
    {
        { """{"email":{"field":"email","policy":"fill_blank"}}""", "column_mapping.email.policy: conflict" },
        { """{"phone":{"field":"phone","policy":"fill_blank"}}""", "column_mapping.phone.policy: conflict" },
        { """{"email":"email","tags":{"field":"tags","policy":"create_only"}}""", "column_mapping.tags.policy: conflict" },
        { """{"email":"email","city":{"field":"city","policy":"sometimes"}}""", "column_mapping.city.policy: invalid_choice" },
        { """{"email":"email","city":{"policy":"fill_blank"}}""", "column_mapping.city.field: required" },
        { """{"email":"email","city":{"field":"city","fallback":"Oslo"}}""", "column_mapping.city.fallback: unknown_member" },
        { """{"email":"email","city":{"field":"town"}}""", "column_mapping.city: unknown_field" },
        { """{"email":"email","city":["city"]}""", "column_mapping.city: wrong_type" },
        { """{"email":"email","city":"\ud800"}""", "column_mapping.city: invalid_characters" },
        {
            """{"id":"id","note":{"field":"first_name","policy":"fill_blank"}},"match_on":"id","duplicate_strategy":"overwrite" """,
            "column_mapping.note.policy: conflict"
        },
        { """{"email":"email","city":"city","note":{"field":"city","policy":"fill_blank"}}""", "column_mapping.note.policy: conflict" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_policy_that_has_no_meaning_is_refused(string mapping, string detail)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,phone,tags,city,note,id\na@example.com,,,,,\n");

        var refused = await client.PostAsync("imports-confirm", $$"""{"id":"{{id}}","column_mapping":{{mapping}}}""");

        Assert.Equal([detail], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Theory]
    [InlineData("merge", "keep", "Ann Rome CEO", "Bo Oslo CTO", "1/1/1/0")]
    [InlineData("merge", "clear", "- Rome CEO", "Bo Oslo CTO", "1/2/0/0")]
    [InlineData("overwrite", null, "- Rome CEO", "Bo Oslo CTO", "1/2/0/0")]
    public async Task A_matched_record_keeps_what_it_has(string strategy, string? blankCells, string first, string second, string outcome)
    {
        using var client = await app.CreateClientAsync();
        var field = new { record_type = "contacts", key = "level", label = "Level", kind = "integer" };
        _ = (await client.PostAsync("fields-create", field)).Result;
        object[] stored =
        [
            new { email = "a@example.com", first_name = "Ann", city = "Rome", job_title = "CEO", level = 1 },
            new { email = "b@example.com", first_name = "Bea", job_title = "CTO" },
        ];
        foreach (var contact in stored) _ = (await client.PostAsync("contacts-create", contact)).Result;
        var id = await client.UploadedAsync(
            "email,first,city,job,level\na@example.com,,Oslo,Chef,5\nb@example.com,Bo,Oslo,Chef,6\nc@example.com,Cy,Oslo,Chef,7\n");
        var settings = new
        {
            id,
            duplicate_strategy = strategy,
            blank_cells = blankCells,
            column_mapping = new
            {
                email = "email",
                first = new { field = "first_name" },
                city = new { field = "city", policy = "fill_blank" },
                job = new { field = "job_title", policy = "create_only" },
                level = new { field = "level", policy = "fill_blank" },
            },
        };

        var confirmed = (await client.PostAsync("imports-confirm", settings)).Result;
        var job = await client.FinishAsync(id);

        Assert.Equal("completed 3: " + outcome, job.Outcome());
        Assert.Equal(
            ["city fill_blank", "job create_only", "level fill_blank"],
            confirmed.GetProperty("column_policies").EnumerateObject().Select(policy => $"{policy.Name} {policy.Value}").Order());
        string[] names = ["first_name", "city", "job_title"];
        var contacts = (await client.RecordsAsync()).OrderBy(contact => contact.Text("email")).ToList();
        Assert.Equal(
            [first, second, "Cy Oslo Chef"], contacts.Select(contact => string.Join(' ', names.Select(name => contact.Text(name) ?? "-"))));
        Assert.Equal([1, 6, 7], contacts.Select(contact => contact.GetProperty("custom").GetProperty("level").GetInt32()));
    }

    [Fact]
    public async Task A_cell_that_no_record_gets_must_be_sound_all_the_same()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("contacts-create", new { email = "a@example.com" })).Result;
        var id = await client.UploadedAsync("email,born\na@example.com,yesterday\n");

        var mapping = new { email = "email", born = new { field = "birthday", policy = "create_only" } };
        _ = (await client.PostAsync("imports-confirm", new { id, duplicate_strategy = "merge", column_mapping = mapping })).Result;

        Assert.Equal("completed 1: 0/0/0/1", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task An_undo_takes_back_the_blanks_that_were_filled()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("contacts-create", new { email = "a@example.com", city = "Rome" })).Result;
        _ = (await client.PostAsync("contacts-create", new { email = "b@example.com" })).Result;
        var id = await client.UploadedAsync("email,city\na@example.com,Oslo\nb@example.com,Oslo\n");
        var mapping = new { email = "email", city = new { field = "city", policy = "fill_blank" } };
        _ = (await client.PostAsync("imports-confirm", new { id, duplicate_strategy = "merge", column_mapping = mapping })).Result;
        await client.FinishAsync(id);
        Assert.Equal(["a@example.com|Rome", "b@example.com|Oslo"], await client.ValuesAsync("email", "city"));

        var undo = (await client.PostAsync("jobs-undo", new { id })).Result.Id();
        await client.FinishJobAsync(undo);

        Assert.Equal(["a@example.com|Rome", "b@example.com|-"], await client.ValuesAsync("email", "city"));
    }
}
