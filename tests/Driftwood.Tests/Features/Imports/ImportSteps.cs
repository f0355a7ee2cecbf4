using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The steps of an import, as a caller takes them.</summary>
internal static class ImportSteps
{
    private static readonly HttpClient Uploader = new();

    /// <summary>The answer of imports-request-upload.</summary>
    public sealed record Ticket(Guid Id, Uri Url);

    public static async Task<Ticket> RequestUploadAsync(
        this HttpClient client, string modelType = "contacts", string contentType = "text/csv", string fileName = "leads.csv")
    {
        var result = (
            await client.PostAsync(
            "imports-request-upload", new { model_type = modelType, file_name = fileName, content_type = contentType })).Result;
        return new Ticket(result.GetProperty("job_id").GetGuid(), new Uri(result.GetProperty("signed_url").GetString()!));
    }

    /// <summary>PUTs a file without any token.</summary>
    public static async Task<Answer> PutAsync(Uri url, byte[] file, string? contentType = "text/csv", bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent(file) };
        if (contentType is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (chunked) request.Headers.TransferEncodingChunked = true;
        return await Uploader.AskAsync(request);
    }

    /// <summary>Steps 1 and 2.</summary>
    public static async Task<Guid> PutFileAsync(this HttpClient client, byte[] file, string modelType = "contacts")
    {
        var ticket = await client.RequestUploadAsync(modelType);
        _ = (await PutAsync(ticket.Url, file)).Result;
        return ticket.Id;
    }

    /// <summary>Steps 1 to 3. Returns the answer of imports-complete-upload.</summary>
    public static async Task<Answer> UploadAsync(
        this HttpClient client, byte[] file, string modelType = "contacts", object? overrides = null)
    {
        var body = overrides is null ? [] : JsonSerializer.SerializeToNode(overrides)!.AsObject();
        body["id"] = await client.PutFileAsync(file, modelType);
        return await client.PostAsync("imports-complete-upload", body);
    }

    /// <summary>Steps 1 to 3. Returns the import's id.</summary>
    public static async Task<Guid> UploadedAsync(this HttpClient client, string csv, string modelType = "contacts") =>
        (await client.UploadAsync(Encoding.UTF8.GetBytes(csv), modelType)).Result.GetProperty("job").GetProperty("id").GetGuid();

    /// <summary>
    /// Step 4. Maps each column to the field of its name. <paramref name="settings"/> adds members or replaces the mapping.
    /// </summary>
    public static async Task<Answer> ConfirmAsync(this HttpClient client, Guid id, string columns, object? settings = null)
    {
        JsonObject mapping = new(columns.Split(',').Select(column => KeyValuePair.Create(column, (JsonNode?)column)));
        JsonObject body = new() { ["id"] = id, ["column_mapping"] = mapping };
        foreach (var (name, value) in settings is null ? [] : JsonSerializer.SerializeToNode(settings)!.AsObject().ToArray())
        {
            body[name] = value?.DeepClone();
        }

        return await client.PostAsync("imports-confirm", body);
    }

    /// <summary>Step 5. Polls until the import is no longer processing, and checks the counters at every poll.</summary>
    public static async Task<JsonElement> FinishAsync(this HttpClient client, Guid id)
    {
        var before = 0L;
        return await Eventually.GetAsync(
            async () => (await client.PostAsync("imports-get", new { id })).Result,
            job =>
            {
                before = CheckCounters(job, before);
                return job.GetProperty("status").GetString() != "processing";
            });
    }

    /// <summary>All five steps of a file with field names as column names.</summary>
    public static async Task<JsonElement> ImportAsync(
        this HttpClient client, string csv, object? settings = null, string modelType = "contacts")
    {
        var id = await client.UploadedAsync(csv, modelType);
        _ = (await client.ConfirmAsync(id, csv[..csv.IndexOf('\n', StringComparison.Ordinal)], settings)).Result;
        return await client.FinishAsync(id);
    }

    /// <summary><c>status total: created/updated/skipped/failed</c>.</summary>
    public static string Outcome(this JsonElement job) => string.Create(
        CultureInfo.InvariantCulture,
        $"{job.GetProperty("status").GetString()} {Count(job, "total_rows")}: "
            + $"{Count(job, "created_count")}/{Count(job, "updated_count")}/{Count(job, "skipped_count")}/{Count(job, "failed_count")}");

    public static Guid Id(this JsonElement thing) => thing.GetProperty("id").GetGuid();

    public static string? Text(this JsonElement thing, string member) => thing.GetProperty(member) switch
    {
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        var other => other.GetRawText(),
    };

    public static string[] Tags(this JsonElement record) =>
        [.. record.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!)];

    /// <summary>All records of a type, oldest first.</summary>
    public static async Task<JsonElement[]> RecordsAsync(this HttpClient client, string type = "contacts") =>
        [.. (await client.AllAsync($"{type}-list", new { limit = 1000 })).Reverse()];

    /// <summary><c>row line column field code value</c> of every failed row, <c>-</c> for null.</summary>
    public static async Task<string[]> ErrorsAsync(this HttpClient client, Guid id) =>
    [
        .. (await client.AllAsync("imports-errors", new { id, limit = 1000 })).Select(error => string.Join(' ', new[]
        {
            error.Text("row_number"), error.Text("line_number"), error.Text("column"), error.Text("field"), error.Text("code"),
                error.Text("value"),
        }.Select(text => text ?? "-"))),
    ];

    /// <summary>Every item of a list, page after page.</summary>
    public static async Task<JsonElement[]> AllAsync(this HttpClient client, string route, object request)
    {
        var body = JsonSerializer.SerializeToNode(request)!.AsObject();
        List<JsonElement> items = [];
        do
        {
            var page = (await client.PostAsync(route, body)).Result;
            items.AddRange(page.GetProperty("items").EnumerateArray());
            body["cursor"] = page.Text("next_cursor");
        }
        while (body["cursor"] is not null);
        return [.. items];
    }

    private static long CheckCounters(JsonElement job, long before)
    {
        var processed = Count(job, "processed_rows");
        var sum = new[] { "created_count", "updated_count", "skipped_count", "failed_count" }.Sum(counter => Count(job, counter));
        Assert.True(sum == processed && processed >= before && processed <= Count(job, "total_rows"), $"After {before}: {job}");
        Assert.True(
            job.GetProperty("status").GetString() != "completed" || processed == Count(job, "total_rows"), $"Completed too early: {job}");
        return processed;
    }

    private static long Count(JsonElement job, string counter) => job.GetProperty(counter).GetInt64();
}
