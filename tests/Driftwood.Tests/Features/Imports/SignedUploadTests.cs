using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Driftwood.Tests.Features.Imports;

/// <summary>A signed URL works as it was given, and in no other way.</summary>
public sealed class SignedUploadTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private static readonly byte[] Csv = "email\na@example.com\n"u8.ToArray();

    [Fact]
    public async Task Each_part_of_the_query_is_signed()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        var parameters = QueryHelpers.ParseQuery(ticket.Url.Query);
        Assert.Equal(["content_type", "expires", "key", "max_bytes", "signature"], parameters.Keys.Order());
        foreach (var (name, value) in parameters)
        {
            string[] alterations =
            [
                Query(parameters.Where(p => p.Key != name).Select(p => (p.Key, p.Value.ToString()))),
                Query(parameters.Select(p => (p.Key, p.Key == name ? Altered(name, value.ToString()) : p.Value.ToString()))),
                Query(parameters.Select(p => (p.Key, p.Key == name ? "" : p.Value.ToString()))),
                Query(parameters.Select(p => (p.Key, p.Value.ToString())).Append((name, value.ToString()))),
            ];
            foreach (var query in alterations)
            {
                var url = new UriBuilder(ticket.Url) { Query = query }.Uri;
                (await ImportSteps.PutAsync(url, Csv, "text/plain")).Expect(HttpStatusCode.Forbidden, "signature_invalid");
            }
        }

        Assert.Empty(app.StoredFiles(ticket.Id));
        _ = (await ImportSteps.PutAsync(ticket.Url, Csv)).Result;
    }

    [Fact]
    public async Task The_path_and_the_method_are_signed()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        var other = await client.RequestUploadAsync();
        foreach (
            var path in new[] { other.Url.AbsolutePath, $"/uploads/{ticket.Id:N}", $"/uploads/{ticket.Id.ToString().ToUpperInvariant()}",
            $"/uploads/{Guid.NewGuid()}" })
        {
            (await ImportSteps.PutAsync(new UriBuilder(ticket.Url) { Path = path }.Uri, Csv))
                .Expect(HttpStatusCode.Forbidden, "signature_invalid");
        }

        foreach (var path in new[] { "/uploads/nothing", "/uploads/", $"{ticket.Url.AbsolutePath}/more" })
        {
            (await ImportSteps.PutAsync(new UriBuilder(ticket.Url) { Path = path }.Uri, Csv)).Expect(HttpStatusCode.NotFound, "not_found");
        }

        using var stranger = app.CreateStranger();
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Get, HttpMethod.Delete, HttpMethod.Patch })
        {
            using var request = new HttpRequestMessage(method, ticket.Url);
            (await stranger.AskAsync(request)).Expect(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        }

        Assert.Empty(app.StoredFiles(ticket.Id).Concat(app.StoredFiles(other.Id)));
    }

    [Theory]
    [InlineData("text/csv", "text/csv; charset=utf-8", true)]
    [InlineData("text/csv; charset=utf-8", "TEXT/CSV", true)]
    [InlineData("text/csv", "application/json", false)]
    [InlineData("text/csv", null, false)]
    [InlineData("application/vnd.ms-excel", "text/csv", false)]
    public async Task The_content_type_is_the_one_that_was_signed(string signed, string? sent, bool accepted)
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync(contentType: signed);
        var answer = await ImportSteps.PutAsync(ticket.Url, Csv, sent);
        if (accepted) _ = answer.Result;
        else answer.Expect(HttpStatusCode.Forbidden, "content_type_mismatch");
    }

    [Fact]
    public async Task A_completed_upload_is_frozen()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(ticket.Url, "email\nfirst@example.com\n"u8.ToArray())).Result;
        _ = (await ImportSteps.PutAsync(ticket.Url, Csv)).Result;
        var completed = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        Assert.Equal("""[["a@example.com"]]""", completed.GetProperty("preview").Text("sample_rows"));
        var stored = Assert.Single(app.StoredFiles(ticket.Id));

        (await ImportSteps.PutAsync(ticket.Url, "email\nlate@example.com\n"u8.ToArray())).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal([stored], app.StoredFiles(ticket.Id));
        Assert.Equal(Csv, await File.ReadAllBytesAsync(stored, TestContext.Current.CancellationToken));
        _ = (await client.ConfirmAsync(ticket.Id, "email")).Result;
        _ = await client.FinishAsync(ticket.Id);
        (await ImportSteps.PutAsync(ticket.Url, Csv)).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal("a@example.com", Assert.Single(await client.RecordsAsync()).Text("email"));
    }

    [Fact]
    public async Task A_signed_url_works_no_longer_than_the_token_that_requested_it()
    {
        using var owner = await app.CreateClientAsync();
        var made = (await owner.PostAsync("tokens-create", new { name = "uploads", scopes = new[] { "read", "write" } })).Result;
        using var client = app.CreateStranger().As(made.Text("token"));
        var ticket = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(ticket.Url, Csv)).Result;
        _ = (await owner.PostAsync("tokens-revoke", new { id = made.Text("id") })).Result;

        (await ImportSteps.PutAsync(ticket.Url, "email\nlate@example.com\n"u8.ToArray()))
            .Expect(HttpStatusCode.Forbidden, "signature_expired");
        var completed = (await owner.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        Assert.Equal("""[["a@example.com"]]""", completed.GetProperty("preview").Text("sample_rows"));
    }

    [Fact]
    public async Task The_answer_names_length_and_hash()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        var result = (await ImportSteps.PutAsync(ticket.Url, Csv, chunked: true)).Result;
        Assert.Equal((ticket.Id, (long)Csv.Length), (result.GetProperty("job_id").GetGuid(), result.GetProperty("byte_length").GetInt64()));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Csv)), result.Text("sha256"));
    }

    private static string Altered(string name, string value) => name switch
    {
        "expires" or "max_bytes" => value + "0",
        "content_type" => "text/plain",
        "key" => value + "x",
        _ => (value[0] == 'A' ? "B" : "A") + value[1..],
    };

    private static string Query(IEnumerable<(string Name, string Value)> parameters) =>
        string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"));
}
