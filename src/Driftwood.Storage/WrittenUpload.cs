using System.IO.Pipelines;

namespace Driftwood.Storage;

/// <summary>Stores what a writer writes. The writer fills a pipe that the store empties, so that neither holds the file.</summary>
public static class WrittenUpload
{
    /// <summary>Stores a new object.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">A key that no other object has.</param>
    /// <param name="write">Writes the object. If it throws, nothing is stored, and its exception is thrown.</param>
    /// <param name="cancellationToken">Cancelled, nothing is stored.</param>
    /// <exception cref="UploadTooLargeException">The object has more bytes than the store takes.</exception>
    /// <exception cref="StorageFullException">There is no room for it.</exception>
    /// <exception cref="StorageUnavailableException">The storage cannot be reached.</exception>
    public static async Task<StoredUpload> SaveAsync(
        IUploadStore store, string key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(write, pipe.Writer, stop.Token);
        try
        {
            await using var body = pipe.Reader.AsStream();
            var stored = await store.SaveAsync(key, body, declaredLength: null, long.MaxValue, cancellationToken);
            await writing;
            return stored;
        }
        catch (UploadTruncatedException)
        {
            // The pipe ends early only where the writer failed, and the writer knows why. It may not have ended yet.
            await writing;
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A pipe that ends without its last byte makes the store's reading fail.
    private static async Task WriteAsync(Func<Stream, CancellationToken, Task> write, PipeWriter pipe, CancellationToken cancellationToken)
    {
        var isWhole = false;
        try
        {
            await using var stream = pipe.AsStream(leaveOpen: true);
            await write(stream, cancellationToken);
            isWhole = true;
        }
        finally
        {
            await pipe.CompleteAsync(isWhole ? null : new IOException("The file was not finished."));
        }
    }
}
