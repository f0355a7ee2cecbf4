using System.Collections.Concurrent;
using System.Security.Cryptography;
using Driftwood.Engine.Erasure;

namespace Driftwood.Tests.Engine;

/// <summary>The stored files of a rig.</summary>
internal sealed class MemoryFiles(ConcurrentDictionary<string, byte[]> files) : IStoredFiles
{
    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) =>
        files.TryGetValue(key, out var file)
            ? Task.FromResult<Stream>(new MemoryStream(file, writable: false))
            : throw new FileNotFoundException(key);

    public async Task<StoredFile> SaveAsync(
        Guid import, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using var file = new MemoryStream();
        await write(file, cancellationToken);
        var key = $"{import}-{Guid.NewGuid():n}";
        files[key] = file.ToArray();
        return new StoredFile(key, file.Length, SHA256.HashData(files[key]));
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        files.TryRemove(key, out _);
        return Task.CompletedTask;
    }
}
