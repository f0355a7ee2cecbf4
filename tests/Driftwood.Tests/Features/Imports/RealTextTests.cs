using System.Net;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Quotes, encodings and separators of tags in real files, and files that are no delimited text.</summary>
public sealed class RealTextTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Case_10_Blanks_before_an_opening_quote_are_left_out()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("10-space-before-quote.csv");
        var job = await client.ImportAsync(
            id, ["Email → email", "First Name → first_name", "Last Name → last_name", "Address → address"]);

        Assert.Equal(["Email", "First Name", "Last Name", "Address"], preview.Headers());
        Assert.Equal(["blanks_before_quotes 1 3"], preview.Warnings());
        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(["Ida|Havnegata 1, 0150 Oslo", "Tom|1 Mill Lane"], await client.ValuesAsync("first_name", "address"));
    }

    [Fact]
    public async Task Case_11_Backslashes_that_escape_quotes_are_found()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("11-backslash-quotes.csv");
        var job = await client.ImportAsync(
            id, ["email → email", "first_name → first_name", "company_name → company_name", "description → description"]);

        Assert.Equal("\\", preview.Detected("escape"));
        Assert.Equal(["backslash_escapes 2 3"], preview.Warnings());
        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(
            [
                """Ida|The "Best" Shop|said "hello", then left""",
                """Tom|Hale "and" Sons|plain""",
                """Uma|Rao Labs|C:\temp\""",
            ],
            await client.ValuesAsync("first_name", "company_name", "description"));
    }

    [Fact]
    public async Task Case_14a_Czech_and_Polish_letters_are_read_by_windows_1250()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("14a-windows-1250.csv", new { encoding = "windows-1250" });
        var job = await client.ImportAsync(id, ["Jméno → first_name", "Příjmení → last_name", "Email → email", "Město → city"]);

        Assert.Equal(["Jméno", "Příjmení", "Email", "Město"], preview.Headers());
        Assert.Equal("windows-1250", preview.Detected("encoding"));
        Assert.Empty(preview.Warnings());
        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(["Jiří|Dvořák|Třebíč", "Łucja|Wiśniewska|Łódź"], await client.ValuesAsync("first_name", "last_name", "city"));
    }

    [Fact]
    public async Task Case_14b_Cyrillic_letters_are_read_by_windows_1251()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("14b-windows-1251.csv", new { encoding = "windows-1251" });
        var job = await client.ImportAsync(id, ["Имя → first_name", "Фамилия → last_name", "Email → email", "Город → city"]);

        Assert.Equal(["Имя", "Фамилия", "Email", "Город"], preview.Headers());
        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal(["Ирина|Соколова|Казань"], await client.ValuesAsync("first_name", "last_name", "city"));
    }

    [Theory]
    [InlineData("14a-windows-1250.csv", "windows-1250", "Jméno")]
    [InlineData("14b-windows-1251.csv", "windows-1251", "Ирина")]
    public async Task Case_14_Without_the_option_a_guess_is_called_one(string file, string encoding, string word)
    {
        using var client = await app.CreateClientAsync();

        var (_, preview) = await client.UploadCaseAsync(file);

        Assert.Equal(encoding, preview.Detected("encoding"));
        var warning = Assert.Single(preview.GetProperty("warnings").EnumerateArray());
        Assert.Equal("encoding_guessed", warning.Text("code"));
        Assert.Contains(word, warning.Text("message"), StringComparison.Ordinal);
        Assert.InRange(preview.GetProperty("detected").GetProperty("encoding_confidence").GetDouble(), 0.1, 0.99);
    }

    [Fact]
    public async Task Case_23_Invisible_characters_are_trimmed_from_headers_and_cells()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("23-nbsp-zwsp.csv");
        var job = await client.ImportAsync(
            id, ["Email → email", "First Name → first_name", "City → city", "Last Name → last_name"]);

        Assert.Equal(["Email", "First Name", "City", "Last Name"], preview.Headers());
        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(
            ["ida23@example.com|Ida|Oslo", "tom23@example.com|Tom|Leeds", "uma23@example.com|Uma|Pune"],
            await client.ValuesAsync("email", "first_name", "city"));
    }

    [Theory]
    [InlineData("41a-html-named.csv", "HTML")]
    [InlineData("41b-json-named.csv", "JSON")]
    [InlineData("41c-vcard-named.csv", "vCard")]
    public async Task Case_41_What_is_no_table_is_called_by_its_name(string file, string kind)
    {
        using var client = await app.CreateClientAsync();

        var refused = (await client.UploadAsync(RealFiles.Read(file))).Expect(HttpStatusCode.UnprocessableEntity, "not_text").Error;

        Assert.Contains(kind, refused.Text("message"), StringComparison.Ordinal);
        Assert.Contains("not delimited text", refused.Text("message"), StringComparison.Ordinal);
        Assert.Contains("What to do:", refused.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("03-google-contacts-new.csv", " ::: ")]
    [InlineData("53-tag-delimiters.csv", ";")]
    public async Task Case_03_and_53_What_separates_tags_is_found(string file, string delimiter)
    {
        using var client = await app.CreateClientAsync();

        var (_, preview) = await client.UploadCaseAsync(file);

        Assert.Equal(delimiter, preview.Detected("tag_delimiter"));
    }

    [Fact]
    public async Task Case_53_Tags_are_split_as_found()
    {
        using var client = await app.CreateClientAsync();

        var (id, _) = await client.UploadCaseAsync("53-tag-delimiters.csv");
        var job = await client.ImportAsync(
            id, ["Email → email", "First Name → first_name", "Tags → tags"], new { tag_delimiter = ";" });

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(
            ["""Ida|["vip","nordic","supplier"]""", """Tom|["vip","customer"]""", """Uma|["vip"]"""],
            await client.ValuesAsync("first_name", "tags"));
    }
}
