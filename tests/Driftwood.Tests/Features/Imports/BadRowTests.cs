using System.IO.Compression;
using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Rows that cannot be read or stored fail alone, with a name for the fault. The rows around them are imported.</summary>
public sealed class BadRowTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Undecodable_bytes_and_a_nul_fail_their_cells_alone()
    {
        // The umlauts show that the file is UTF-8.
        byte[] file = [
            .. "email,first_name\na@example.com,Jürgen Größe\nb@example.com,M"u8, 0xFC, .. "ller\nc@example.com,Nu\0l\n"u8,
            .. "d@example.com,Dora\n"u8];
        var (client, outcome, errors) = await ImportAsync(file, "email,first_name", ["invalid_characters"]);
        using (client)
        {
            Assert.Equal("completed 4: 2/0/0/2", outcome);
            Assert.Equal(
                ["2 3 first_name first_name invalid_characters M\uFFFDller", "3 4 first_name first_name invalid_characters Nu\uFFFDl"],
                    errors);
        }
    }

    [Fact]
    public async Task An_unclosed_quote_costs_its_first_line_only()
    {
        var (client, outcome, errors) = await ImportAsync(
            "email,first_name\na@example.com,Ann\nb@example.com,\"Bob\nc@example.com,Cid\nd@example.com,\"Dora\nDee\"\n"u8.ToArray(),
                "email,first_name", ["unclosed_quote"]);
        using (client)
        {
            Assert.Equal("completed 4: 3/0/0/1", outcome);
            Assert.Equal(["2 3 - - unclosed_quote -"], errors);
        }
    }

    [Fact]
    public async Task A_row_of_ten_million_commas_fails_in_bounded_memory()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write("email,first_name\na@example.com,Ann\n"u8);
            gzip.Write(Encoding.ASCII.GetBytes(new string(',', 10_000_000)));
            gzip.Write("\nb@example.com,Bob\n"u8);
        }

        var (client, outcome, errors) = await ImportAsync(packed.ToArray(), "email,first_name", ["record_too_large"]);
        using (client)
        {
            Assert.Equal("completed 3: 2/0/0/1", outcome);
            Assert.Equal(["2 3 - - record_too_large -"], errors);
        }
    }

    [Fact]
    public async Task Rows_with_other_numbers_of_columns_fail()
    {
        var (client, outcome, errors) = await ImportAsync(
            Encoding.UTF8.GetBytes(
                "email,first_name\na@example.com\nb@example.com,Bob,extra\nc@example.com,Cid\n"
                + string.Join(',', Enumerable.Range(1, 1_500)) + "\n"),
            "email,first_name",
            ["wrong_column_count"]);
        using (client)
        {
            Assert.Equal("completed 4: 1/0/0/3", outcome);
            Assert.Equal(["1 2 - - wrong_column_count -", "2 3 - - wrong_column_count -", "4 5 - - wrong_column_count -"], errors);
        }
    }

    [Fact]
    public async Task A_row_fails_whole_with_its_first_bad_column_and_the_others_beside_it()
    {
        using var client = await app.CreateClientAsync();
        var job = await client.ImportAsync(
            $"phone,email,birthday,website,description\ncall me,a@@example,1990-02-30,not a "
                + $"site,{new string('x', 65_536)}\n,b@example.com,1990-02-28,www.example.com,fine\n");

        Assert.Equal("completed 2: 1/0/0/1", job.Outcome());
        var error = Assert.Single(await client.AllAsync("imports-errors", new { id = job.Id() }));
        Assert.Equal(
            ["row_number", "line_number", "column", "field", "code", "message", "value", "also"],
                error.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("phone", "invalid_phone", "call me"), (error.Text("column"), error.Text("code"), error.Text("value")));
        Assert.Equal(
            ["email invalid_email a@@example", "birthday invalid_date 1990-02-30", "website invalid_url not a site",
                $"description too_long {new string('x', 500)}…"],
            error.GetProperty("also").EnumerateArray().Select(also => $"{also.Text("column")} {also.Text("code")} {also.Text("value")}"));
    }

    [Fact]
    public async Task Records_that_a_row_may_not_touch_or_point_to_fail_it()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var theirs = (await other.PostAsync("companies-create", new { name = "Theirs" })).Result.Id();
        var mine = (await client.PostAsync("companies-create", new { name = "Mine" })).Result.Id();
        _ = (await client.PostAsync("contacts-create", new { email = "taken@example.com", external_id = "x-1" })).Result;
        var job = await client.ImportAsync(
            $"email,external_id,company_id\na@example.com,x-1,\nb@example.com,x-2,{theirs}\nc@example.com,x-3,{mine}\n"
            + "d@example.com,x-3,\ne@example.com,,17\n",
            new { duplicate_strategy = "merge" });

        Assert.Equal("completed 5: 1/0/0/4", job.Outcome());
        Assert.Equal(
            ["1 2 external_id external_id duplicate_value x-1", $"2 3 company_id company_id not_found {theirs}",
             "4 5 external_id external_id duplicate_value x-3", "5 6 company_id company_id not_found 17"],
            await client.ErrorsAsync(job.Id()));
    }

    private async Task<(HttpClient Client, string Outcome, string[] Errors)> ImportAsync(byte[] file, string columns, string[] warnings)
    {
        var client = await app.CreateClientAsync();
        var completed = (await client.UploadAsync(file)).Result;
        Assert.Equal(
            warnings, completed.GetProperty("preview").GetProperty("warnings").EnumerateArray().Select(warning => warning.Text("code")!));
        var id = completed.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, columns)).Result;
        return (client, (await client.FinishAsync(id)).Outcome(), await client.ErrorsAsync(id));
    }
}
