using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Tables of unusual shape, with all their counts and previews.</summary>
public sealed class FileShapeTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task A_thousand_columns_are_read_to_the_last()
    {
        var headers = Enumerable.Range(1, 1_000).Select(n => n switch { 1 => "email", 1_000 => "city", _ => $"extra {n}" });
        string Row(string email, string city) => $"{email}{string.Concat(Enumerable.Range(2, 998).Select(n => $",{n}"))},{city}\n";
        var (client, job, preview) = await ImportAsync(
            $"{string.Join(',', headers)}\n{Row("a@example.com", "Oslo")}{Row("b@@example", "Rome")}{Row("c@example.com", "Bonn")}",
            "email,city");
        using (client)
        {
            Assert.Equal(1_000, preview.GetProperty("headers").GetArrayLength());
            Assert.Equal(3, preview.GetProperty("total_rows").GetInt32());
            Assert.Equal(0, preview.GetProperty("warnings").GetArrayLength());
            Assert.Equal("completed 3: 2/0/0/1", job.Outcome());
            Assert.Equal(["2 3 email email invalid_email b@@example"], await client.ErrorsAsync(job.Id()));
            Assert.Equal(["a@example.com Oslo", "c@example.com Bonn"], await ShowAsync(client, "city"));
        }
    }

    [Fact]
    public async Task Line_breaks_in_quotes_belong_to_the_cell_and_count_as_lines()
    {
        var (client, job, preview) = await ImportAsync(
            "email,address\r\na@example.com,\"Street 1\r\n\"\"Back\"\" yard\nthird floor\"\r\nb@@example,x\r\nc@example.com,\"\n\"\r\n",
                "email,address");
        using (client)
        {
            Assert.Equal("mixed", preview.GetProperty("detected").Text("line_ending"));
            Assert.Equal("completed 3: 2/0/0/1", job.Outcome());
            Assert.Equal(["2 5 email email invalid_email b@@example"], await client.ErrorsAsync(job.Id()));
            Assert.Equal(["a@example.com Street 1\r\n\"Back\" yard\nthird floor", "c@example.com "], await ShowAsync(client, "address"));
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Blank_lines_are_no_rows_wherever_they_stand(string end)
    {
        var lines =
            new[] { "email,city", "", "a@example.com,Oslo", "   ", "b@@example,Rome", ",", "", "\t", "c@example.com,Bonn", "", "", " " };
        var (client, job, preview) = await ImportAsync(string.Join(end, lines), "email,city");
        using (client)
        {
            Assert.Equal(4, preview.GetProperty("total_rows").GetInt32());
            Assert.Equal("completed 4: 2/0/1/1", job.Outcome());
            Assert.Equal(["2 5 email email invalid_email b@@example"], await client.ErrorsAsync(job.Id()));
            Assert.Equal(["a@example.com Oslo", "c@example.com Bonn"], await ShowAsync(client, "city"));
        }
    }

    [Fact]
    public async Task Cells_and_records_are_read_up_to_their_limits_and_fail_by_themselves_beyond()
    {
        const int Longest = 65_535;
        var city = new string('é', 1_000_000 / 2);
        var text = string.Concat(Enumerable.Repeat("\U0001F600", Longest));
        var (client, job, _) = await ImportAsync(
            $"email,description,notes\na@example.com,{text},\nb@example.com,{text}x,\nc@example.com,short,{city}\n"
            + $"d@example.com,short,{city}{city[..50_000]}\ne@example.com,fine,\n",
            "email,description");
        using (client)
        {
            Assert.Equal("completed 5: 3/0/0/2", job.Outcome());
            var errors = await client.ErrorsAsync(job.Id());
            Assert.Equal(2, errors.Length);
            Assert.StartsWith("2 3 description description too_long \U0001F600", errors[0], StringComparison.Ordinal);
            Assert.Equal("4 5 - - record_too_large -", errors[1]);
            Assert.Equal([$"a@example.com {text}", "c@example.com short", "e@example.com fine"], await ShowAsync(client, "description"));
        }
    }

    [Fact]
    public async Task Headers_as_long_as_a_page_are_called_by_their_beginning()
    {
        using var client = await app.CreateClientAsync();
        var name = string.Concat(Enumerable.Repeat("a long header ", 500)).Trim();
        var completed = (await client.UploadAsync(Encoding.UTF8.GetBytes($"email,{name}1,{name}2\na@example.com,Oslo,x\n"))).Result;
        var (id, preview) = (completed.GetProperty("job").Id(), completed.GetProperty("preview"));
        Assert.Equal(
            ["email", name[..200], $"{name[..200]} (2)"],
            preview.GetProperty("headers").EnumerateArray().Select(header => header.GetString()));
        Assert.Equal(
            ["long_header 1 2", "duplicate_header 1 1"],
            preview.GetProperty("warnings").EnumerateArray()
            .Select(warning => $"{warning.Text("code")} {warning.Text("line")} {warning.Text("count")}"));

        _ = (await client.PostAsync(
            "imports-confirm",
            new { id, column_mapping = new Dictionary<string, string> { ["email"] = "email", [name[..200]] = "city" } })).Result;

        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["a@example.com Oslo"], await ShowAsync(client, "city"));
    }

    private static async Task<string[]> ShowAsync(HttpClient client, string field) =>
        [.. (await client.RecordsAsync()).Select(record => $"{record.Text("email")} {record.Text(field)}").Order(StringComparer.Ordinal)];

    private async Task<(HttpClient Client, JsonElement Job, JsonElement Preview)> ImportAsync(string csv, string columns)
    {
        var client = await app.CreateClientAsync();
        var completed = (await client.UploadAsync(Encoding.UTF8.GetBytes(csv))).Result;
        var id = completed.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, columns)).Result;
        return (client, await client.FinishAsync(id), completed.GetProperty("preview"));
    }
}
