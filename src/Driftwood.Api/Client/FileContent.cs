using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Client;

/// <summary>The body of an upload, from a file that stays the caller's.</summary>
internal sealed class FileContent : HttpContent
{
    private const int BufferBytes = 256 << 10;

    private readonly FileStream _file;
    private readonly long _length;
    private readonly Action<long, long> _sent;

    /// <param name="file">Sent from its beginning.</param>
    /// <param name="contentType">Its MIME type.</param>
    /// <param name="sent">Told of the bytes sent so far and of all there are.</param>
    public FileContent(FileStream file, string contentType, Action<long, long> sent)
    {
        // A file that grows meanwhile is sent as it was.
        (_file, _length, _sent) = (file, file.Length, sent);
        Headers.ContentType = new MediaTypeHeaderValue(contentType);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            _file.Position = 0;
            for (var done = 0L; done < _length;)
            {
                var wanted = (int)Math.Min(buffer.Length, _length - done);
                var read = await _file.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
                if (read == 0) throw new CommandFailure($"'{_file.Name}' became shorter while it was sent.");
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                done += read;
                _sent(done, _length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
