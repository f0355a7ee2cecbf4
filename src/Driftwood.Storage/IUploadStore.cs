namespace Driftwood.Storage;

/// <summary>
/// Uploaded files, read and removed by key. An object appears whole or not at all. How a caller's file comes in is a matter of
/// each store: one on disk takes the body of a PUT, and <see cref="S3.S3UploadStore"/> has callers send it to the bucket.
/// Keys have segments of a–z, 0–9 and '-', separated by '/', and at most 200 characters.
/// </summary>
public interface IUploadStore
{
    /// <summary>
    /// Opens an object at its beginning. The stream can seek and is meant for reading in order. It never mixes the bytes of two objects:
    /// if the object is replaced or deleted meanwhile, reading goes on in the old one or fails.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="StorageUnavailableException">The storage cannot be reached.</exception>
    Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores a body under a new key once the whole body is there.</summary>
    /// <param name="key">A key that no other object has.</param>
    /// <param name="body">Read to its end, in bounded memory; not disposed.</param>
    /// <param name="declaredLength">Its bytes; null if they are not known.</param>
    /// <param name="maxBytes">The most bytes that it may have; the store's own limit holds as well.</param>
    /// <param name="cancellationToken">Cancelled, nothing is stored.</param>
    /// <exception cref="UploadTooLargeException">It has more bytes.</exception>
    /// <exception cref="UploadTruncatedException">It ended early, went on too long or could not be read.</exception>
    /// <exception cref="StorageFullException">There is no room for it.</exception>
    /// <exception cref="StorageUnavailableException">The storage cannot be reached.</exception>
    Task<StoredUpload> SaveAsync(string key, Stream body, long? declaredLength, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Removes an object. One that is not there is no error.</summary>
    /// <exception cref="StorageUnavailableException">The storage cannot be reached.</exception>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>The keys of objects that were last written so long ago, in no order. Objects may come and go meanwhile.</summary>
    /// <exception cref="StorageUnavailableException">The storage cannot be reached.</exception>
    IAsyncEnumerable<string> ListKeysAsync(TimeSpan olderThan, CancellationToken cancellationToken);

    /// <summary>Returns when the storage can be used.</summary>
    /// <exception cref="StorageUnavailableException">It cannot; the message says why, without secrets.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}
