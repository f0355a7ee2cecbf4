using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Client;

/// <summary>The public HTTP API as one caller uses it. Every refusal is a <see cref="CommandFailure"/> in the service's words.</summary>
internal sealed class PublicApi : IDisposable
{
    private static readonly JsonSerializerOptions Wire = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Completing an upload reads the whole file once.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(10);

    private readonly HttpClient _api;
    private readonly HttpClient _uploads;

    public PublicApi(Uri address, string token)
    {
        Address = address;
        _api = NewClient(address, AnswerTimeout);
        _api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // Without the token: a signed URL may lead to another server.
        _uploads = NewClient(address, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The address of the service.</summary>
    public Uri Address { get; }

    public Task<UploadTicket> RequestUploadAsync(
        string modelType, string fileName, string contentType, CancellationToken cancellationToken) =>
        PostAsync<UploadTicket>(
            "imports-request-upload", new { ModelType = modelType, FileName = fileName, ContentType = contentType }, cancellationToken);

    /// <summary>Sends a file to the place its ticket names, with the headers the ticket asks for.</summary>
    public async Task UploadAsync(UploadTicket ticket, HttpContent file, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ticket.SignedUrl) { Content = file };
        // A refusal then comes before the file is sent, and not as a broken connection in the middle of it.
        request.Headers.ExpectContinue = true;
        foreach (var (name, value) in ticket.Headers ?? [])
        {
            if (request.Headers.TryAddWithoutValidation(name, value)) continue;
            file.Headers.Remove(name);
            file.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await SendAsync(_uploads, request, cancellationToken);
        if (!response.IsSuccessStatusCode) await ReadAsync<JsonElement>("the upload", response, cancellationToken);
    }

    public Task<UploadedFile> CompleteUploadAsync(Guid id, FileForm form, CancellationToken cancellationToken)
    {
        var body = new
        {
            Id = id,
            form.Encoding,
            form.Delimiter,
            form.HasHeader,
            form.HeaderRow,
            form.RaggedRows,
            form.Escape,
            form.Quote,
            form.Sheet,
        };
        return PostAsync<UploadedFile>("imports-complete-upload", body, cancellationToken);
    }

    /// <param name="confirmation">The members of imports-confirm.</param>
    public Task<ImportState> ConfirmImportAsync(JsonObject confirmation, CancellationToken cancellationToken) =>
        PostAsync<ImportState>("imports-confirm", confirmation, cancellationToken);

    /// <summary>An import with all its members.</summary>
    public Task<JsonElement> GetImportJsonAsync(Guid id, CancellationToken cancellationToken) =>
        PostAsync<JsonElement>("imports-get", new { Id = id }, cancellationToken);

    public Task<ProfileState> GetProfileAsync(Guid id, CancellationToken cancellationToken) =>
        PostAsync<ProfileState>("import-profiles-get", new { Id = id }, cancellationToken);

    public Task<Listed<ProfileState>> ListProfilesAsync(string? cursor, CancellationToken cancellationToken) =>
        PostAsync<Listed<ProfileState>>("import-profiles-list", new { Limit = 1000, Cursor = cursor }, cancellationToken);

    public Task<ImportState> GetImportAsync(Guid id, CancellationToken cancellationToken) =>
        PostAsync<ImportState>("imports-get", new { Id = id }, cancellationToken);

    public Task<ImportState> CancelImportAsync(Guid id, CancellationToken cancellationToken) =>
        PostAsync<ImportState>("imports-cancel", new { Id = id }, cancellationToken);

    public Task<Listed<FailedRow>> ListFailedRowsAsync(Guid id, int limit, CancellationToken cancellationToken) =>
        PostAsync<Listed<FailedRow>>("imports-errors", new { Id = id, Limit = limit }, cancellationToken);

    public Task<JsonElement> GetManifestAsync(Guid id, CancellationToken cancellationToken) =>
        PostAsync<JsonElement>("imports-manifest", new { Id = id }, cancellationToken);

    /// <summary>Downloads the receipt of an import.</summary>
    public async Task DownloadReceiptAsync(Guid id, Stream to, CancellationToken cancellationToken)
    {
        const string route = "imports-results-csv";
        using var request = NewRequest(route, new { Id = id });
        using var response = await SendAsync(_api, request, cancellationToken, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode) await ReadAsync<JsonElement>(route, response, cancellationToken);
        await response.Content.CopyToAsync(to, cancellationToken);
    }

    public Task<Listed<RecordId>> ListContactsAsync(int limit, CancellationToken cancellationToken) =>
        PostAsync<Listed<RecordId>>("contacts-list", new { Limit = limit }, cancellationToken);

    public Task<BulkJobState> CreateBulkJobAsync(BulkJobRequest request, CancellationToken cancellationToken) =>
        PostAsync<BulkJobState>("bulk-jobs-create", request, cancellationToken);

    public Task<BulkJobState> UndoAsync(Guid job, bool dryRun, CancellationToken cancellationToken) =>
        PostAsync<BulkJobState>("jobs-undo", new { Id = job, DryRun = dryRun }, cancellationToken);

    public Task<BulkJobState> GetBulkJobAsync(Guid id, CancellationToken cancellationToken) =>
        PostAsync<BulkJobState>("bulk-jobs-get", new { Id = id }, cancellationToken);

    public void Dispose()
    {
        _api.Dispose();
        _uploads.Dispose();
    }

    private static HttpClient NewClient(Uri address, TimeSpan timeout)
    {
        // A proxy of the environment does not reach what runs on this machine.
        var handler = new SocketsHttpHandler { UseProxy = !address.IsLoopback, ConnectTimeout = TimeSpan.FromSeconds(10) };
        return new HttpClient(handler) { BaseAddress = address, Timeout = timeout };
    }

    private async Task<T> PostAsync<T>(string route, object body, CancellationToken cancellationToken)
    {
        using var request = NewRequest(route, body);
        using var response = await SendAsync(_api, request, cancellationToken);
        return await ReadAsync<T>(route, response, cancellationToken);
    }

    private static HttpRequestMessage NewRequest(string route, object body) =>
        new(HttpMethod.Post, $"api/{route}") { Content = JsonContent.Create(body, options: Wire) };

    private async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken,
        HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        try
        {
            return await client.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ServiceAway(
                $"No answer from {Address.GetLeftPart(UriPartial.Authority)}: {e.Message} Is the service running there?", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServiceAway($"{Address} did not answer within {AnswerTimeout.TotalMinutes:0} minutes.", e);
        }
    }

    private async Task<T> ReadAsync<T>(string route, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var envelope = await response.Content.ReadFromJsonAsync<Answer<T>>(Wire, cancellationToken);
            if (envelope is { Ok: true, Result: { } result }) return result;
            if (envelope?.Error is { } error) throw Refusal(response.StatusCode, $"{route}: {error}");
        }
        catch (JsonException e)
        {
            throw new CommandFailure(Foreign(route, response.StatusCode), e);
        }
        catch (HttpRequestException e)
        {
            throw new ServiceAway($"The answer from {Address} broke off: {e.Message}", e);
        }

        throw new CommandFailure(Foreign(route, response.StatusCode));
    }

    private static CommandFailure Refusal(HttpStatusCode status, string message) =>
        status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
            ? new ServiceAway(message, innerException: null)
            : new CommandFailure(message);

    private string Foreign(string route, HttpStatusCode status) =>
        $"{Address} answered {(int)status} to {route}, and not as Driftwood does. Is that its address?";

    private sealed record Answer<T>(bool Ok, T? Result, Error? Error);

    private sealed record Error(string Code, string Message, IReadOnlyList<Detail>? Details)
    {
        /// <summary><c>code: message (details)</c>; one detail alone is in the message already.</summary>
        public override string ToString()
        {
            var details = (Details ?? []).Select(detail => detail.Text(Details!.Count > 1)).Where(text => text.Length > 0).ToList();
            return details.Count == 0 ? $"{Code}: {Message}" : $"{Code}: {Message} ({string.Join("; ", details)})";
        }
    }

    private sealed record Detail(string? Field, string Message, IReadOnlyList<string>? Accepted)
    {
        public string Text(bool withMessage)
        {
            var accepted = Accepted is { Count: > 0 } ? $"accepted: {string.Join(", ", Accepted)}" : "";
            if (!withMessage) return accepted;
            return $"{Field}: {Message}{(accepted.Length > 0 ? $" {accepted}" : "")}";
        }
    }
}
