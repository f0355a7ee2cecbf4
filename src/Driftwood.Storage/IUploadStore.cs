namespace Driftwood.Storage;

/// <summary>
/// Uploaded files, read and removed by key. An object appears whole or not at all. How a file comes in is a matter of each store:
/// <see cref="DiskUploadStore.SaveAsync"/> takes a body, and <see cref="S3.S3UploadStore"/> has callers send it to the bucket.
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
