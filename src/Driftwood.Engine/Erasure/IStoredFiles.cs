namespace Driftwood.Engine.Erasure;

/// <summary>A file that was stored.</summary>
/// <param name="Key">The name under which it is read.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Sha256">The SHA-256 of its bytes.</param>
public readonly record struct StoredFile(string Key, long Length, byte[] Sha256);

/// <summary>The stored files of imports: uploads and receipts.</summary>
public interface IStoredFiles
{
    /// <summary>Opens a file at its beginning.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The storage cannot be reached.</exception>
    Task<Stream> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores a new file of an import. It is there whole, or not at all.</summary>
    /// <param name="import">The import.</param>
    /// <param name="write">Writes the file in bounded memory.</param>
    /// <param name="cancellationToken">Cancelled, nothing is stored.</param>
    Task<StoredFile> SaveAsync(Guid import, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>Removes a file. One that is not there is no error.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}
