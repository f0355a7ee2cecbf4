using System.Buffers;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>
/// Answers with a file that never changes, or with the part of it that <c>Range</c> asks for, so that a broken download goes on where it
/// stopped. ASP.NET Core answers ranges of GET only; routes here are POST.
/// </summary>
/// <param name="Open">Opens the file. The stream can seek.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Tag">Names its content: other content has another tag.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="Name">The name to save it under.</param>
internal sealed record RangedFile(
    Func<CancellationToken, Task<Stream>> Open, long Length, string Tag, string ContentType, string Name) : IResult
{
    public async Task ExecuteAsync(HttpContext http)
    {
        var tag = new EntityTagHeaderValue($"\"{Tag}\"");
        var headers = http.Response.GetTypedHeaders();
        headers.ETag = tag;
        http.Response.Headers.AcceptRanges = "bytes";
        var (first, last, status) = Part(http.Request.GetTypedHeaders(), tag);
        http.Response.StatusCode = status;
        if (status == StatusCodes.Status416RangeNotSatisfiable)
        {
            headers.ContentRange = new ContentRangeHeaderValue(Length);
            return;
        }

        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(Name);
        headers.ContentDisposition = disposition;
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = last - first + 1;
        if (status == StatusCodes.Status206PartialContent) headers.ContentRange = new ContentRangeHeaderValue(first, last, Length);
        await using var file = await Open(http.RequestAborted);
        file.Seek(first, SeekOrigin.Begin);
        await CopyAsync(file, http.Response.Body, last - first + 1, http.RequestAborted);
    }

    // Several ranges, and other units, are answered with the whole file, as RFC 9110 allows. So is a range of other content.
    private (long First, long Last, int Status) Part(RequestHeaders request, EntityTagHeaderValue tag)
    {
        var whole = (0L, Length - 1, StatusCodes.Status200OK);
        if (request.Range is not { Ranges: { Count: 1 } ranges } range || !range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase))
            return whole;
        if (request.IfRange is { } condition && condition.EntityTag?.Compare(tag, useStrongComparison: true) is not true) return whole;
        var asked = ranges.Single();
        var first = asked.From ?? Math.Max(0, Length - asked.To!.Value);
        var last = asked.From is null ? Length - 1 : Math.Min(asked.To ?? long.MaxValue, Length - 1);
        return first > last ? (0, 0, StatusCodes.Status416RangeNotSatisfiable) : (first, last, StatusCodes.Status206PartialContent);
    }

    private static async Task CopyAsync(Stream from, Stream to, long count, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(128 << 10);
        try
        {
            while (count > 0)
            {
                var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), cancellationToken);
                if (read == 0) throw new EndOfStreamException(FormattableString.Invariant($"{count} bytes of the file are missing."));
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                count -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
