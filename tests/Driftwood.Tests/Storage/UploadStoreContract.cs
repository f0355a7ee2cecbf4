using System.Security.Cryptography;
using Driftwood.Storage;

namespace Driftwood.Tests.Storage;

/// <summary>What every store of uploads does. Each store's tests derive from it.</summary>
public abstract class UploadStoreContract : IAsyncLifetime
{
    private protected FixedClock Clock { get; } = new(DateTimeOffset.UtcNow);

    private protected abstract IUploadStore Store { get; }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public abstract ValueTask DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128 << 10)]
    [InlineData(3_000_001)]
    public async Task A_stored_upload_has_the_length_and_hash_of_what_was_sent_and_reads_back(int length)
    {
        var content = Content(length);

        var stored = await PutAsync("2025/job-1", content);

        Assert.Equal(length, stored.Length);
        Assert.Equal(SHA256.HashData(content), stored.Sha256);
        Assert.Equal(content, await ReadAsync("2025/job-1"));
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_stored_whole_or_not_at_all()
    {
        var content = Content(300_000);
        var stored = await Store.SaveAsync("made", new MemoryStream(content), declaredLength: null, long.MaxValue, Cancellation);

        Assert.Equal((content.Length, Convert.ToHexString(SHA256.HashData(content))), (stored.Length, Convert.ToHexString(stored.Sha256)));
        Assert.Equal(content, await ReadAsync("made"));
        await Assert.ThrowsAsync<UploadTooLargeException>(
            () => Store.SaveAsync("large", new MemoryStream(content), declaredLength: null, 299_999, Cancellation));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenReadAsync("large", Cancellation));
    }

    [Fact]
    public async Task A_stored_upload_can_be_read_from_the_middle()
    {
        await PutAsync("job", "0123456789"u8.ToArray());

        await using var stream = await Store.OpenReadAsync("job", Cancellation);
        stream.Seek(7, SeekOrigin.Begin);
        Assert.Equal("789", await new StreamReader(stream, leaveOpen: true).ReadToEndAsync(Cancellation));
        stream.Seek(-9, SeekOrigin.End);

        Assert.Equal("123456789", await new StreamReader(stream).ReadToEndAsync(Cancellation));
        Assert.Equal((10, 10), (stream.Length, stream.Position));
    }

    [Fact]
    public async Task Two_readers_of_one_upload_do_not_disturb_each_other()
    {
        var content = Content(1_000_000);
        await PutAsync("job", content);

        await using var first = await Store.OpenReadAsync("job", Cancellation);
        await using var second = await Store.OpenReadAsync("job", Cancellation);
        var (one, other) = (new byte[content.Length], new byte[content.Length]);
        for (var from = 0; from < content.Length; from += 100_000)
        {
            await first.ReadExactlyAsync(one.AsMemory(from, 100_000), Cancellation);
            await second.ReadExactlyAsync(other.AsMemory(from, 100_000), Cancellation);
        }

        Assert.Equal(content, one);
        Assert.Equal(content, other);
    }

    [Fact]
    public async Task A_reader_never_mixes_the_bytes_of_two_uploads()
    {
        var (older, newer) = (Content(4_000_000), Content(4_000_000, seed: 1));
        await PutAsync("job", older);
        await using var reader = await Store.OpenReadAsync("job", Cancellation);
        var read = new byte[older.Length];
        await reader.ReadExactlyAsync(read.AsMemory(0, 1000), Cancellation);

        await PutAsync("job", newer);
        Assert.Equal(newer, await ReadAsync("job"));
        try
        {
            await reader.ReadExactlyAsync(read.AsMemory(1000), Cancellation);
        }
        catch (IOException)
        {
            // The store does not keep what was replaced.
            return;
        }

        Assert.Equal(older, read);
    }

    [Fact]
    public async Task A_deleted_upload_is_gone_and_deleting_it_again_is_no_error()
    {
        await PutAsync("a/job", "text"u8.ToArray());

        await Store.DeleteAsync("a/job", Cancellation);
        await Store.DeleteAsync("a/job", Cancellation);
        await Store.DeleteAsync("never/was", Cancellation);

        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenReadAsync("a/job", Cancellation));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenReadAsync("never/was", Cancellation));
    }

    [Fact]
    public async Task Uploads_are_listed_once_they_have_the_age()
    {
        await PutAsync("a/job", "text"u8.ToArray());
        await PutAsync("job", "text"u8.ToArray());

        Clock.Now += TimeSpan.FromMinutes(50);
        Assert.Empty(await KeysAsync(TimeSpan.FromHours(1)));
        Clock.Now += TimeSpan.FromMinutes(20);

        Assert.Equal(["a/job", "job"], (await KeysAsync(TimeSpan.FromHours(1))).Order());
    }

    [Fact]
    public async Task A_store_that_can_be_used_says_so() => await Store.CheckAsync(Cancellation);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../escape")]
    [InlineData("a/../../escape")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a.tmp")]
    [InlineData("A")]
    [InlineData("a\\b")]
    [InlineData("a\0")]
    public async Task A_key_cannot_name_anything_outside_the_store(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(key, "text"u8.ToArray()));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.OpenReadAsync(key, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(key, Cancellation));
        Clock.Now += TimeSpan.FromDays(1);
        Assert.All(
            await KeysAsync(TimeSpan.Zero), stored => Assert.StartsWith(UploadKeys.IncomingPrefix, stored, StringComparison.Ordinal));
    }

    /// <summary>Stores a file in the way of the store's callers.</summary>
    private protected abstract Task<StoredUpload> PutAsync(string key, byte[] content);

    private protected async Task<byte[]> ReadAsync(string key)
    {
        await using var stream = await Store.OpenReadAsync(key, Cancellation);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancellation);
        return copy.ToArray();
    }

    private protected static byte[] Content(int length, int seed = 0)
    {
        var content = new byte[length];
        new Random(length + seed).NextBytes(content);
        return content;
    }

    private ValueTask<List<string>> KeysAsync(TimeSpan olderThan) =>
        Store.ListKeysAsync(olderThan, Cancellation).ToListAsync(Cancellation);
}
