using Driftwood.Engine.Erasure;
using Driftwood.Storage;

namespace Driftwood.Api.Work;

/// <summary>The stored files of imports, in the store that holds uploads.</summary>
internal sealed class StoredFiles(IUploadStore store) : IStoredFiles
{
    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) => store.OpenReadAsync(key, cancellationToken);

    public async Task<StoredFile> SaveAsync(
        Guid import, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var key = UploadKeys.New(import);
        var stored = await WrittenUpload.SaveAsync(store, key, write, cancellationToken);
        return new StoredFile(key, stored.Length, stored.Sha256);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => store.DeleteAsync(key, cancellationToken);
}
