using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Further files as programs write them, imported as the preview suggests.</summary>
public sealed class ProgramFileTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task German_outlook_writes_zeros_for_no_date_and_the_other_dates_still_show_their_order()
    {
        using var client = await app.CreateClientAsync();
        const string File = "Vorname;E-Mail-Adresse;Geburtstag;Jahrestag\r\n"
            + "Jürgen;juergen@example.com;15.3.1988;0.0.00\r\nZoë;zoe@example.com;0.0.00;0.0.00\r\n";

        var bytes = CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(File);
        var preview = (await client.UploadAsync(bytes)).Result.GetProperty("preview");

        Assert.Equal("dd-mm-yyyy", preview.Detected("date_format"));
        Assert.Equal(["encoding_guessed 2 2"], preview.Warnings());
    }

    [Fact]
    public async Task Years_of_two_digits_show_the_order_of_dates()
    {
        using var client = await app.CreateClientAsync();

        var preview = (await client.UploadAsync("Email,DOB\na@example.com,3/15/1988\nb@example.com,11/2/88\nc@example.com,4/30/90\n"u8
            .ToArray())).Result.GetProperty("preview");

        Assert.Equal("mm-dd-yyyy", preview.Detected("date_format"));
        Assert.Equal(["two_digit_year 3 2"], preview.Warnings());
    }

    [Fact]
    public async Task Shopify_guards_numbers_with_an_apostrophe()
    {
        using var client = await app.CreateClientAsync();
        const string File = "Customer ID,First Name,Default Address City,Default Address Zip,Phone\n"
            + "'7001234567890,Ida,'s-Hertogenbosch,'0150,'+4721000001\n";

        var id = await client.UploadedAsync(File);
        var job = await client.ImportAsync(id, [
            "Customer ID → external_id", "First Name → first_name", "Default Address City → city", "Default Address Zip → postal_code",
            "Phone → phone"]);

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal(
            ["7001234567890|'s-Hertogenbosch|0150|+4721000001"], await client.ValuesAsync("external_id", "city", "postal_code", "phone"));
    }

    [Theory]
    [InlineData("NaT")]
    [InlineData("<NA>")]
    [InlineData("#NV")]
    [InlineData("#N/D")]
    [InlineData("#SAKNAS!")]
    [InlineData("#DIV/0!")]
    public async Task Programs_have_many_words_for_no_value(string marker)
    {
        using var client = await app.CreateClientAsync();

        var file = $"Email,Birthday\na@example.com,1988-03-15\nb@example.com,{marker}\n";
        var preview = (await client.UploadAsync(Encoding.UTF8.GetBytes(file))).Result.GetProperty("preview");

        var found = preview.GetProperty("detected").GetProperty("null_values").EnumerateArray();
        Assert.Equal([marker], found.Select(value => value.GetString()));
        Assert.Equal(["null_value 3 1"], preview.Warnings());
    }
}
