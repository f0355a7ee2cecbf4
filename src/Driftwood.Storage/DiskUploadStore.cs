using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Driftwood.Storage;

/// <summary>
/// Uploaded files on a local disk or a volume shared by several processes. An object appears whole or not at all.
/// A key is the caller's choice: to freeze an object, stop writing to its key and give later uploads other keys.
/// </summary>
public sealed class DiskUploadStore : IUploadStore
{
    // Large enough that disk writes cost little beside hashing, small enough for hundreds of uploads at once.
    private const int BufferBytes = 128 << 10;

    // A stream of a file allocates its buffer anew. From 85,000 bytes on it would be a large object, and a collection of all generations
    // would come after a few dozen files.
    private const int ReadBytes = 64 << 10;

    // How much may be written between two looks at the space left.
    private const long SpaceCheckBytes = 64L << 20;

    private const string TemporarySuffix = ".tmp";

    private readonly string _root;
    private readonly DiskUploadStoreOptions _options;
    private readonly TimeProvider _clock;

    /// <summary>Makes the directory when it is missing, readable by this user only.</summary>
    public DiskUploadStore(DiskUploadStoreOptions options, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Directory);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Directory));
        _options = options;
        _clock = clock;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(_root);
        else
            Directory.CreateDirectory(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <inheritdoc/>
    /// <remarks>An object of the same key is replaced in one step.</remarks>
    public async Task<StoredUpload> SaveAsync(
        string key, Stream body, long? declaredLength, long maxBytes, CancellationToken cancellationToken)
    {
        var target = PathOf(key);
        var limit = Math.Min(maxBytes, _options.MaxBytes);
        if (declaredLength > limit)
            throw new UploadTooLargeException(limit);

        var directory = Path.GetDirectoryName(target)!;
        var temporary = $"{target}.{Guid.NewGuid():N}{TemporarySuffix}";
        try
        {
            RequireSpace(declaredLength ?? 0);
            Directory.CreateDirectory(directory);
            var stored = await WriteAsync(temporary, new UploadBody(body, declaredLength, limit), cancellationToken);
            File.Move(temporary, target, overwrite: true);
            // Up to the root, for the folders of the key may be as new as the file.
            for (var folder = directory; folder.Length >= _root.Length; folder = Path.GetDirectoryName(folder)!)
                Disk.FlushDirectory(folder);
            return stored;
        }
        catch (IOException e) when (Disk.IsFull(e))
        {
            throw new StorageFullException(e);
        }
        finally
        {
            DeleteTemporary(temporary);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The stream stays whole when the object is replaced or deleted meanwhile.</remarks>
    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult<Stream>(new FileStream(PathOf(key), new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = ReadBytes,
            }));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException("There is no such upload.", key, e);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = PathOf(key);
        // An empty folder is left: removing it could pull it from under an upload of another process.
        if (File.Exists(path))
            File.Delete(path);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListKeysAsync(
        TimeSpan olderThan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var before = (_clock.GetUtcNow() - olderThan).UtcDateTime;
        foreach (var path in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/');
            if (UploadKeys.HasOnlyKeyCharacters(key) && File.GetLastWriteTimeUtc(path) < before) yield return key;
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_root)) throw new StorageUnavailableException("The directory of the uploads is gone.");
        return Task.CompletedTask;
    }

    /// <summary>Removes what a crashed process left half written, and returns how many files that were.</summary>
    /// <param name="olderThan">Time since the last write; longer than any running upload can stall,
    /// plus how far the clocks of machines on one volume may be apart.</param>
    public int CleanTemporary(TimeSpan olderThan)
    {
        var before = (_clock.GetUtcNow() - olderThan).UtcDateTime;
        var removed = 0;
        foreach (var path in Directory.EnumerateFiles(_root, '*' + TemporarySuffix, SearchOption.AllDirectories))
        {
            // A file that went meanwhile has the year 1601 here, and deleting it again does nothing.
            if (File.GetLastWriteTimeUtc(path) >= before)
                continue;
            File.Delete(path);
            removed++;
        }
        return removed;
    }

    private async Task<StoredUpload> WriteAsync(string path, UploadBody body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
            var nextSpaceCheck = SpaceCheckBytes;
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                if (body.Received < nextSpaceCheck)
                    continue;
                RequireSpace(0);
                nextSpaceCheck = body.Received + SpaceCheckBytes;
            }

            file.Flush(flushToDisk: true);
            return new StoredUpload(body.Received, hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void RequireSpace(long bytes) => Disk.RequireSpace(_root, bytes, _options.ReservedBytes);

    private static void DeleteTemporary(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // The error that made the upload fail counts; CleanTemporary removes the file later.
        }
    }

    // No dot can occur: neither '..' nor the name of a temporary file is a key.
    private string PathOf(string key) => Path.Combine(_root, UploadKeys.Require(key));
}
