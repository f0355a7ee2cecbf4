// An import and a bulk job by a client that NSwag made of the OpenAPI document.
// The environment has DRIFTWOOD_URL and DRIFTWOOD_TOKEN. A failure ends the program with an exception, and so with an exit code.
using System.Net.Http.Headers;
using System.Text;
using NSwagClient.Generated;

using var http = new HttpClient { BaseAddress = new Uri(Read("DRIFTWOOD_URL")) };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Read("DRIFTWOOD_TOKEN"));
var client = new DriftwoodClient(http);

// A route without a body.
var me = (await client.MeAsync()).Result;
Console.WriteLine($"me {me.User.Email}");

// The route of the PUT takes the parts of the signed URL as its parameters.
var upload = (await client.ImportsRequestUploadAsync(
    new ImportsRequestUploadRequest { Model_type = "contacts", File_name = "leads.csv", Content_type = "text/csv" })).Result;
var signed = new Uri(upload.Signed_url).Query.TrimStart('?').Split('&').Select(pair => pair.Split('='))
    .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
using var file = new MemoryStream(
    Encoding.UTF8.GetBytes("Email,First Name\na@example.com,Ada\nb@example.com,Bo\nnot an address,Cy\n"));
var put = (await client.UploadsPutAsync(
    upload.Job_id, signed["expires"], signed["max_bytes"], signed["content_type"], signed["key"], signed["signature"], file)).Result;
Console.WriteLine($"put {put.Byte_length} bytes");

var preview = (await client.ImportsCompleteUploadAsync(new ImportsCompleteUploadRequest { Id = upload.Job_id })).Result.Preview;
Console.WriteLine($"preview {preview.Total_rows} {string.Join('|', preview.Headers)}");
await client.ImportsConfirmAsync(new ImportsConfirmRequest
{
    Id = upload.Job_id,
    Column_mapping = preview.Suggested_mapping.ToDictionary(pair => pair.Key, object (pair) => pair.Value),
    Duplicate_strategy = DuplicateStrategy.Merge,
    Mode = ImportMode.Create_only,
});
var imported = await PollAsync(
    async () => (await client.ImportsGetAsync(new ImportsGetRequest { Id = upload.Job_id })).Result,
    job => job.Status != JobStatus.Processing);
Console.WriteLine(
    $"import {imported.Status} {imported.Created_count} created, {imported.Failed_count} failed, {imported.Mode}, {imported.Blank_cells}");

var errors = (await client.ImportsErrorsAsync(new ImportsErrorsRequest { Id = upload.Job_id })).Result;
foreach (var row in errors.Items) Console.WriteLine($"row {row.Row_number} {row.Code}");
using (var csv = await client.ImportsErrorsCsvAsync(new ImportsErrorsCsvRequest { Id = upload.Job_id }))
    Console.WriteLine($"errors {await FirstLineAsync(csv)}");
using (var csv = await client.ImportsResultsCsvAsync(new ImportsResultsCsvRequest { Id = upload.Job_id }))
    Console.WriteLine($"results {await FirstLineAsync(csv)}");

var contacts = (await client.ContactsListAsync(
    new RecordsListTypedRequest { Order_by = "email", Direction = SortDirection.Desc })).Result;
Console.WriteLine($"contacts {string.Join(' ', contacts.Items.Select(contact => contact.Email))}");
var job = (await client.BulkJobsCreateAsync(new BulkJobsCreateRequest
{
    Entity_type = "contacts",
    Operation = OperationName.Tag,
    Entity_ids = [.. contacts.Items.Select(contact => contact.Id)],
    Params = new { add = new[] { "vip" } },
})).Result;
var tagged = await PollAsync(
    async () => (await client.BulkJobsGetAsync(new BulkJobsGetRequest { Id = job.Id })).Result,
    found => found.Status != JobStatus.Processing);
Console.WriteLine($"bulk job {tagged.Status} {tagged.Success_count} of {tagged.Total_count}");

// A failure is an exception of its own, with the error as the server gave it.
try
{
    await client.ImportsGetAsync(new ImportsGetRequest { Id = Guid.CreateVersion7() });
    throw new InvalidOperationException("An unknown import was found.");
}
catch (ApiException<EnvelopeFailureBody> refused)
{
    Console.WriteLine($"refused {refused.StatusCode} {refused.Result.Error.Code}");
}

static string Read(string name) =>
    Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"The environment has no {name}.");

static async Task<string?> FirstLineAsync(FileResponse csv)
{
    using var reader = new StreamReader(csv.Stream);
    return await reader.ReadLineAsync();
}

static async Task<T> PollAsync<T>(Func<Task<T>> ask, Func<T, bool> isDone)
{
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
    while (true)
    {
        var found = await ask();
        if (isDone(found)) return found;
        await timer.WaitForNextTickAsync();
    }
}
