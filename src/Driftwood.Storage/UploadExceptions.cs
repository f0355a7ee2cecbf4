namespace Driftwood.Storage;

/// <summary>An upload that was not stored: nothing of it is left, and an older object under its key is untouched.</summary>
public abstract class UploadException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The body has, or declares, more bytes than it may.</summary>
public sealed class UploadTooLargeException(long maxBytes)
    : UploadException($"The upload is larger than the {maxBytes} bytes it may have.")
{
    /// <summary>The limit that was passed, in bytes.</summary>
    public long MaxBytes { get; } = maxBytes;
}

/// <summary>The body did not have the length it declared, or its connection broke before its end.</summary>
public sealed class UploadTruncatedException(long? declaredBytes, long receivedBytes, Exception? inner = null)
    : UploadException(Describe(declaredBytes, receivedBytes), inner)
{
    /// <summary>The Content-Length, in bytes; null where the body came without one.</summary>
    public long? DeclaredBytes { get; } = declaredBytes;

    /// <summary>Bytes read when it was given up; more than declared only for a body that went on past its length.</summary>
    public long ReceivedBytes { get; } = receivedBytes;

    private static string Describe(long? declared, long received) => declared switch
    {
        null => $"The upload broke off after {received} bytes.",
        _ when received > declared => $"The upload went on after the {declared} bytes it declared.",
        _ => $"The upload broke off after {received} of the {declared} bytes it declared.",
    };
}

/// <summary>The disk, or the quota on it, has no room for the upload. Passes once space is freed.</summary>
public sealed class StorageFullException(Exception? inner = null)
    : UploadException("There is no room left to store the upload.", inner);
