// An import and a bulk job by a client that Kiota made of the OpenAPI document.
// The environment has DRIFTWOOD_URL and DRIFTWOOD_TOKEN. A failure ends the program with an exception, and so with an exit code.
using System.Text;
using KiotaClient.Generated;
using KiotaClient.Generated.Models;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Abstractions.Serialization;
using Microsoft.Kiota.Http.HttpClientLibrary;

var token = new BaseBearerTokenAuthenticationProvider(new FixedToken(Read("DRIFTWOOD_TOKEN")));
using var adapter = new HttpClientRequestAdapter(token) { BaseUrl = Read("DRIFTWOOD_URL") };
var client = new DriftwoodClient(adapter);

// A route without a body.
var me = (await client.Api.Me.PostAsync())!.Result!;
Console.WriteLine($"me {me.User!.Email}");

// The route of the PUT takes the parts of the signed URL as its parameters.
var upload = (await client.Api.ImportsRequestUpload.PostAsync(
    new ImportsRequestUploadRequest { ModelType = "contacts", FileName = "leads.csv", ContentType = "text/csv" }))!.Result!;
var id = upload.JobId!.Value;
var signed = new Uri(upload.SignedUrl!).Query.TrimStart('?').Split('&').Select(pair => pair.Split('='))
    .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
using var file = new MemoryStream(
    Encoding.UTF8.GetBytes("Email,First Name\na@example.com,Ada\nb@example.com,Bo\nnot an address,Cy\n"));
var put = (await client.Uploads[id].PutAsync(file, request =>
{
    request.QueryParameters.Expires = signed["expires"];
    request.QueryParameters.MaxBytes = signed["max_bytes"];
    request.QueryParameters.ContentType = signed["content_type"];
    request.QueryParameters.Key = signed["key"];
    request.QueryParameters.Signature = signed["signature"];
}))!.Result!;
Console.WriteLine($"put {put.ByteLength} bytes");

var preview = (await client.Api.ImportsCompleteUpload.PostAsync(new ImportsCompleteUploadRequest { Id = id }))!.Result!.Preview!;
Console.WriteLine($"preview {preview.TotalRows} {string.Join('|', preview.Headers!)}");
await client.Api.ImportsConfirm.PostAsync(new ImportsConfirmRequest
{
    Id = id,
    ColumnMapping = new ImportsConfirmRequest_column_mapping { AdditionalData = preview.SuggestedMapping!.AdditionalData },
    DuplicateStrategy = DuplicateStrategy.Merge,
    Mode = ImportMode.Create_only,
});
var imported = await PollAsync(
    async () => (await client.Api.ImportsGet.PostAsync(new ImportsGetRequest { Id = id }))!.Result!,
    job => job.Status != JobStatus.Processing);
Console.WriteLine(
    $"import {imported.Status} {imported.CreatedCount} created, {imported.FailedCount} failed, {imported.Mode}, {imported.BlankCells}");

var errors = (await client.Api.ImportsErrors.PostAsync(new ImportsErrorsRequest { Id = id }))!.Result!;
foreach (var row in errors.Items!) Console.WriteLine($"row {row.RowNumber} {row.Code}");
using (var csv = await client.Api.ImportsErrorsCsv.PostAsync(new ImportsErrorsCsvRequest { Id = id }))
    Console.WriteLine($"errors {await FirstLineAsync(csv!)}");
using (var csv = await client.Api.ImportsResultsCsv.PostAsync(new ImportsResultsCsvRequest { Id = id }))
    Console.WriteLine($"results {await FirstLineAsync(csv!)}");

var contacts = (await client.Api.ContactsList.PostAsync(
    new RecordsListTypedRequest { OrderBy = "email", Direction = SortDirection.Desc }))!.Result!;
Console.WriteLine($"contacts {string.Join(' ', contacts.Items!.Select(contact => contact.Email))}");
var job = (await client.Api.BulkJobsCreate.PostAsync(new BulkJobsCreateRequest
{
    EntityType = "contacts",
    Operation = OperationName.Tag,
    EntityIds = [.. contacts.Items!.Select(contact => contact.Id)],
    Params = new UntypedObject(new Dictionary<string, UntypedNode> { ["add"] = new UntypedArray([new UntypedString("vip")]) }),
}))!.Result!;
var tagged = await PollAsync(
    async () => (await client.Api.BulkJobsGet.PostAsync(new BulkJobsGetRequest { Id = job.Id }))!.Result!,
    found => found.Status != JobStatus.Processing);
Console.WriteLine($"bulk job {tagged.Status} {tagged.SuccessCount} of {tagged.TotalCount}");

// A failure is an exception of its own, with the error as the server gave it.
try
{
    await client.Api.ImportsGet.PostAsync(new ImportsGetRequest { Id = Guid.CreateVersion7() });
    throw new InvalidOperationException("An unknown import was found.");
}
catch (EnvelopeFailureBody refused)
{
    Console.WriteLine($"refused {refused.ResponseStatusCode} {refused.Error!.Code}");
}

static string Read(string name) =>
    Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"The environment has no {name}.");

static async Task<string?> FirstLineAsync(Stream csv)
{
    using var reader = new StreamReader(csv);
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

/// <summary>The token of the environment, whatever the address.</summary>
internal sealed class FixedToken(string token) : IAccessTokenProvider
{
    public AllowedHostsValidator AllowedHostsValidator { get; } = new();

    public Task<string> GetAuthorizationTokenAsync(
        Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(token);
}
