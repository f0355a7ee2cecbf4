namespace Driftwood.Storage;

/// <summary>Reads a request body in full buffers and holds it to its limit and to the length it declared.</summary>
internal sealed class UploadBody(Stream body, long? declaredLength, long limit)
{
    private bool _ended;

    /// <summary>Bytes read so far.</summary>
    public long Received { get; private set; }

    /// <summary>Fills the buffer unless the body ends; 0 only after a body of the declared length.</summary>
    public async Task<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        if (_ended)
            return filled;
        try
        {
            int read;
            while (filled < buffer.Length && (read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken)) > 0)
                filled += read;
        }
        catch (IOException e)
        {
            // Kestrel's word for a reset, a close before the end, a client too slow: the caller's fault, not the disk's.
            throw new UploadTruncatedException(declaredLength, Received + filled, e);
        }

        Received += filled;
        if (Received > limit)
            throw new UploadTooLargeException(limit);
        _ended = filled < buffer.Length;
        if (Received > declaredLength || (_ended && Received < declaredLength))
            throw new UploadTruncatedException(declaredLength, Received);
        return filled;
    }
}
