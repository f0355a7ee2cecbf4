using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Every request of the customer's document on imports, in its order and as it is printed.</summary>
public sealed class DocumentedImportTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Time = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$";

    [Fact]
    public async Task The_documents_import_goes_from_upload_to_errors_as_printed()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync("email\n" + string.Concat(Enumerable.Range(1, 200).Select(n => $"known{n}@example.com\n")));

        // Step 1
        var requested = await CurlAsync(client, "imports-request-upload", """
            { "model_type": "contacts", "file_name": "leads.csv", "content_type": "text/csv" }
            """);
        Assert.Equal(["ok", "result"], Members(requested.Body));
        Assert.Equal(["job_id", "signed_url", "method", "headers", "expires_at", "max_bytes"], Members(requested.Result));
        var id = requested.Result.Text("job_id");
        Assert.Equal("""{"Content-Type":"text/csv"}""", requested.Result.Text("headers"));
        Assert.Matches(Time, requested.Result.Text("expires_at"));
        Assert.Equal(ImportsApp.MaxBytes, requested.Result.GetProperty("max_bytes").GetInt64());

        // Step 2
        var put = await ImportSteps.PutAsync(new Uri(requested.Result.Text("signed_url")!), Leads());
        Assert.Equal(HttpStatusCode.OK, put.Status);

        // Step 3
        var completed = (await CurlAsync(client, "imports-complete-upload", $$"""{ "id": "{{id}}" }""")).Result;
        Assert.Equal(["job", "preview"], Members(completed));
        Assert.Equal(["id", "status"], Members(completed.GetProperty("job"))[..2]);
        Assert.Equal((id, "uploaded"), (completed.GetProperty("job").Text("id"), completed.GetProperty("job").Text("status")));
        CheckPreview(completed.GetProperty("preview"));

        // Step 4
        var confirmed = (await CurlAsync(client, "imports-confirm", $$"""
            {
              "id": "{{id}}",
              "column_mapping": { "Name": "first_name", "Email": "email", "Phone": "phone" },
              "duplicate_strategy": "merge"
            }
            """)).Result;
        Assert.Equal(id, confirmed.Text("id"));

        // Step 5
        var job = await client.FinishAsync(Guid.Parse(id!));
        Assert.Equal(
            ["id", "status", "total_rows", "processed_rows", "created_count", "updated_count", "skipped_count", "failed_count"],
                Members(job)[..8]);
        Assert.Equal("completed 1500: 1200/200/90/10", job.Outcome());
        Assert.All(["created_at", "updated_at", "started_at", "completed_at"], time => Assert.Matches(Time, job.Text(time)));

        // Errors and list
        var errors = (await CurlAsync(client, "imports-errors", $$"""{ "id": "{{id}}", "limit": 3 }""")).Result;
        Assert.Equal(["items", "next_cursor"], Members(errors));
        Assert.Equal(3, errors.GetProperty("items").GetArrayLength());
        var list = (await CurlAsync(client, "imports-list", "{}")).Result.GetProperty("items");
        Assert.Equal(2, list.GetArrayLength());
        Assert.Equal(job.GetRawText(), list[0].GetRawText());
    }

    [Fact]
    public async Task Every_status_of_the_document_is_seen()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        Assert.Equal("pending", (await client.PostAsync("imports-get", new { id = ticket.Id })).Result.Text("status"));
        _ = (await ImportSteps.PutAsync(ticket.Url, "email\na@example.com\n"u8.ToArray())).Result;
        Assert.Equal("pending", (await client.PostAsync("imports-get", new { id = ticket.Id })).Result.Text("status"));
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        Assert.Equal("uploaded", (await client.PostAsync("imports-get", new { id = ticket.Id })).Result.Text("status"));
        Assert.Equal("processing", (await client.ConfirmAsync(ticket.Id, "email")).Result.Text("status"));
        Assert.Equal("completed", (await client.FinishAsync(ticket.Id)).Text("status"));
    }

    private static void CheckPreview(JsonElement preview)
    {
        Assert.Equal(["headers", "sample_rows", "total_rows", "suggested_mapping", "available_fields"], Members(preview)[..5]);
        Assert.Equal("""["Name","Email","Phone","Company"]""", preview.Text("headers"));
        Assert.Equal("""["Jane Smith","jane@example.com","+1-555-0100","Acme Corp"]""", preview.GetProperty("sample_rows")[0].GetRawText());
        Assert.Equal(10, preview.GetProperty("sample_rows").GetArrayLength());
        Assert.Equal(1500, preview.GetProperty("total_rows").GetInt32());
        Assert.Equal(
            """{"Name":"first_name","Email":"email","Phone":"phone","Company":"company_name"}""", preview.Text("suggested_mapping"));
        var fields = preview.GetProperty("available_fields").EnumerateArray().ToArray();
        Assert.Equal(["value", "label"], Members(fields[0])[..2]);
        Assert.Equal(
            [("first_name", "First Name"), ("last_name", "Last Name"), ("email", "Email")],
            fields[..3].Select(field => (field.Text("value"), field.Text("label"))));
    }

    /// <summary>1,500 rows: 1,200 new people, 200 known ones, 90 without a value in a mapped column, and 10 broken.</summary>
    private static byte[] Leads()
    {
        StringBuilder csv = new("Name,Email,Phone,Company\nJane Smith,jane@example.com,+1-555-0100,Acme Corp\n");
        for (var n = 2; n <= 1200; n++) csv.Append(null, $"New {n},new{n}@example.com,+1-555-{n:0000},Acme Corp\n");
        for (var n = 1; n <= 200; n++) csv.Append(null, $"Known {n},known{n}@example.com,,\n");
        for (var n = 1; n <= 90; n++) csv.Append(",,,Acme Corp\n");
        for (var n = 1; n <= 10; n++) csv.Append(null, $"Broken {n},broken{n}@@example.com,,\n");
        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private static string[] Members(JsonElement thing) => [.. thing.EnumerateObject().Select(member => member.Name)];

    /// <summary>Sends a request as curl does with <c>-X POST -H "Content-Type: application/json" -d …</c>.</summary>
    private static async Task<Answer> CurlAsync(HttpClient client, string route, string data)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/{route}") { Content = new StringContent(data) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await client.AskAsync(request);
    }
}
