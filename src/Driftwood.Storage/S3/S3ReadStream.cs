using System.Globalization;
using Amazon.S3;
using Amazon.S3.Model;

namespace Driftwood.Storage.S3;

/// <summary>
/// Reads an object in order. A read that breaks goes on from the same byte over a new connection, as long as the object has the same
/// ETag. Seeking closes the connection; the next read opens another one.
/// </summary>
internal sealed class S3ReadStream(IAmazonS3 client, GetObjectResponse first, TimeSpan patience) : Stream
{
    /// <summary>Attempts of one read before it fails. Where connections are refused at once, they take about six seconds.</summary>
    private const int MaxAttempts = 5;

    /// <summary>The second attempt comes after this time; each further one waits twice as long.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);

    private readonly string _bucket = first.BucketName;
    private readonly string _name = first.Key;
    private readonly string _etag = first.ETag;
    private readonly long _length = first.ContentLength;

    private GetObjectResponse? _response = first;
    private long _position;
    private bool _isDisposed;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <exception cref="StorageUnavailableException">All attempts failed.</exception>
    /// <exception cref="IOException">The object was replaced or deleted.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (buffer.IsEmpty || _position >= _length) return 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadOnceAsync(buffer, cancellationToken);
            }
            catch (AmazonS3Exception error) when (S3Faults.IsNotFound(error) || S3Faults.IsReplaced(error))
            {
                throw Replaced(error);
            }
            catch (Exception error) when (error is not ReplacedException && !cancellationToken.IsCancellationRequested
                && S3Faults.IsOfService(error))
            {
                Drop();
                if (attempt == MaxAttempts || !S3Faults.IsPassing(error)) throw S3Faults.ToUnavailable(error);
                await Task.Delay(FirstPause * (1 << (attempt - 1)), cancellationToken);
            }
        }
    }

    /// <summary>Blocks its thread. Whoever can, reads asynchronously.</summary>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            _ => _length,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        if (target != _position) Drop();
        return _position = target;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Drop();
        _isDisposed = true;
        base.Dispose(disposing);
    }

    private static ReplacedException Replaced(Exception? error) => new("The upload was replaced while it was read.", error);

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(patience);
        _response ??= await OpenAsync(waiting.Token);
        var read = await _response.ResponseStream.ReadAsync(buffer, waiting.Token);
        // An answer that ends before its length is as broken as one that is cut.
        if (read == 0) throw new EndOfStreamException();
        _position += read;
        return read;
    }

    private async Task<GetObjectResponse> OpenAsync(CancellationToken cancellationToken)
    {
        var response = await client.GetObjectAsync(
            new GetObjectRequest
            {
                BucketName = _bucket,
                Key = _name,
                EtagToMatch = _etag,
                ByteRange = new ByteRange($"bytes={_position.ToString(CultureInfo.InvariantCulture)}-"),
            },
            cancellationToken);
        // Some services ignore If-Match or the range.
        if (response.ETag == _etag && response.ContentLength == _length - _position) return response;
        response.Dispose();
        throw Replaced(null);
    }

    private void Drop()
    {
        _response?.Dispose();
        _response = null;
    }

    private sealed class ReplacedException(string message, Exception? inner) : IOException(message, inner);
}
