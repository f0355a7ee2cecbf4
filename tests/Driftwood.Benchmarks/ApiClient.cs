using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>Calls Driftwood's public API for one account.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    // Without the token: a bucket takes no other credential beside the signature.
    private readonly HttpClient _uploads = new() { Timeout = Timeout.InfiniteTimeSpan };

    public ApiClient(Uri address, string token)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Makes a call that must succeed. Returns its result.</summary>
    /// <exception cref="InvalidOperationException">The call does not succeed.</exception>
    public async Task<JsonElement> CallAsync(string route, object body)
    {
        using var answer = await _http.PostAsJsonAsync($"api/{route}", body);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return answer.IsSuccessStatusCode ? json.GetProperty("result") : throw new InvalidOperationException($"{route}: {json}");
    }

    /// <summary>Makes a call of another service's route that must succeed. Returns the whole answer.</summary>
    /// <exception cref="InvalidOperationException">The call does not succeed.</exception>
    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return answer.IsSuccessStatusCode ? json : throw new InvalidOperationException($"{path}: {json}");
    }

    /// <summary>Makes a call that answers with a file. Returns the number of its line feeds.</summary>
    public async Task<long> CountLinesAsync(string route, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/{route}") { Content = JsonContent.Create(body) };
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var file = await answer.Content.ReadAsStreamAsync();
        var block = new byte[1 << 16];
        var lines = 0L;
        for (int read; (read = await file.ReadAsync(block)) > 0;) lines += block.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }

    /// <summary>Sends a file to a signed URL.</summary>
    public async Task PutAsync(Uri signedUrl, string path)
    {
        await using var file = File.OpenRead(path);
        using var content = new StreamContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var answer = await _uploads.PutAsync(signedUrl, content);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose()
    {
        _http.Dispose();
        _uploads.Dispose();
    }
}
