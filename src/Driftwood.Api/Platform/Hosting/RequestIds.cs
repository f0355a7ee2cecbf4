namespace Driftwood.Api.Platform.Hosting;

/// <summary>Gives every request an id, the caller's own where it sent a usable one, and the answers their headers.</summary>
internal sealed class RequestIds(RequestDelegate next, ILogger<RequestIds> logger)
{
    public const string Header = "X-Request-Id";
    private const int MaxLength = 128;

    public async Task InvokeAsync(HttpContext http)
    {
        var id = http.Request.Headers[Header].ToString();
        if (!IsUsable(id))
            id = Guid.CreateVersion7().ToString();
        http.TraceIdentifier = id;
        var headers = http.Response.Headers;
        headers[Header] = id;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        if (http.Request.Path.StartsWithSegments("/api"))
            headers.CacheControl = "no-store";
        using (Scope(logger, id))
            await next(http);
    }

    // It is echoed in a header and written to logs: nothing that could break either.
    private static bool IsUsable(string id) => id.Length is > 0 and <= MaxLength && id.All(c => c is > ' ' and <= '~');

    private static readonly Func<ILogger, string, IDisposable?> Scope =
        LoggerMessage.DefineScope<string>("request {RequestId}");
}
