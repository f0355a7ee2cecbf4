using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>
/// The OpenAPI document as it is served: made once, at the first request, and kept as it is and compressed. Routes never change while a
/// process runs.
/// </summary>
internal sealed class OpenApiText(ISwaggerProvider documents)
{
    public const string Name = "v1";
    private const string ContentType = "application/json; charset=utf-8";

    private readonly Lazy<Served> _served = new(() => Make(documents));

    /// <summary>Answers with the document, or with 304 if the caller has it.</summary>
    public IResult Answer(HttpContext http)
    {
        var served = _served.Value;
        http.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        http.Response.Headers.CacheControl = "no-cache"; // Ask again; the tag tells whether it is still the same.
        var accepted = http.Request.GetTypedHeaders().AcceptEncoding;
        var isCompressed = accepted.Any(encoding => encoding is { Value.Value: "gzip", Quality: not 0 });
        if (isCompressed) http.Response.Headers.ContentEncoding = "gzip";
        // The two forms are not the same bytes, so each has a tag of its own.
        var tag = new EntityTagHeaderValue($"\"{served.Sha256}{(isCompressed ? "-gzip" : "")}\"");
        // A stream is sent piece by piece. An array would be copied whole for each caller that reads slowly.
        var document = new MemoryStream(isCompressed ? served.Compressed : served.Plain, writable: false);
        return Results.Stream(document, ContentType, entityTag: tag);
    }

    private static Served Make(ISwaggerProvider documents)
    {
        using var json = new StringWriter();
        documents.GetSwagger(Name).SerializeAsV3(new OpenApiJsonWriter(json));
        var plain = Encoding.UTF8.GetBytes(json.ToString());
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize)) gzip.Write(plain);
        return new Served(plain, compressed.ToArray(), Convert.ToHexString(SHA256.HashData(plain), 0, 16));
    }

    private sealed record Served(byte[] Plain, byte[] Compressed, string Sha256);
}
