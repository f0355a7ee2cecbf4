using System.Security.Cryptography;
using System.Text;
using Driftwood.Storage;
using Xunit;

namespace Driftwood.Tests.Storage;

public sealed class UploadStoreTests : IDisposable
{
    private const long Plenty = 1L << 40;

    private readonly TemporaryDirectory _directory = new();
    private readonly FixedClock _clock = new(DateTimeOffset.UtcNow);
    private readonly UploadStore _store;

    public UploadStoreTests() => _store = NewStore();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128 << 10)]
    [InlineData(3_000_001)]
    public async Task A_stored_upload_has_the_length_and_hash_of_what_was_sent_and_reads_back(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);

        var stored = await _store.SaveAsync("2025/job-1", new MemoryStream(content), length, length, Cancellation);

        Assert.Equal(length, stored.Length);
        Assert.Equal(SHA256.HashData(content), stored.Sha256);
        Assert.Equal(content, await ReadAsync("2025/job-1"));
        Assert.Single(_directory.Files);
    }

    [Fact]
    public async Task A_stored_upload_can_be_read_from_the_middle()
    {
        await _store.SaveAsync("job", new MemoryStream("0123456789"u8.ToArray()), null, Plenty, Cancellation);

        await using var stream = await _store.OpenReadAsync("job", Cancellation);
        stream.Seek(7, SeekOrigin.Begin);

        Assert.Equal("789", await new StreamReader(stream).ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task A_long_body_is_read_in_small_pieces()
    {
        var body = new ScriptedBody(20_000_000);

        await _store.SaveAsync("job", body, declaredLength: null, Plenty, Cancellation);

        Assert.InRange(body.LargestRead, 1, 128 << 10);
    }

    [Fact]
    public async Task An_upload_cannot_be_seen_before_its_last_byte()
    {
        var body = new ScriptedBody(500_000, atEnd: async () =>
            await Assert.ThrowsAsync<FileNotFoundException>(() => _store.OpenReadAsync("job", Cancellation)));

        await _store.SaveAsync("job", body, 500_000, Plenty, Cancellation);

        Assert.Equal(500_000, (await ReadAsync("job")).Length);
    }

    [Fact]
    public async Task A_later_upload_replaces_the_earlier_and_an_open_reader_keeps_what_it_opened()
    {
        await SaveTextAsync("job", "first");
        await using var reader = await _store.OpenReadAsync("job", Cancellation);

        await SaveTextAsync("job", "second");

        Assert.Equal("first", await new StreamReader(reader).ReadToEndAsync(Cancellation));
        Assert.Equal("second", await ReadTextAsync("job"));
    }

    [Fact]
    public async Task Two_processes_writing_one_key_at_once_leave_one_of_the_two_whole()
    {
        var other = NewStore();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? _store : other)
            .SaveAsync("shared/job", new ScriptedBody(200_000, (byte)('a' + i)), 200_000, Plenty, Cancellation)));

        var content = await ReadAsync("shared/job");

        Assert.Equal(200_000, content.Length);
        Assert.Single(content.Distinct());
        Assert.Single(_directory.Files);
    }

    [Fact]
    public async Task A_deleted_upload_is_gone_and_deleting_it_again_is_no_error()
    {
        await SaveTextAsync("a/job", "text");

        await _store.DeleteAsync("a/job", Cancellation);
        await _store.DeleteAsync("a/job", Cancellation);
        await _store.DeleteAsync("never/was", Cancellation);

        await Assert.ThrowsAsync<FileNotFoundException>(() => _store.OpenReadAsync("a/job", Cancellation));
        await Assert.ThrowsAsync<FileNotFoundException>(() => _store.OpenReadAsync("never/was", Cancellation));
    }

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
    public async Task A_key_cannot_name_a_path_outside_the_store(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => SaveTextAsync(key, "text"));
        await Assert.ThrowsAsync<ArgumentException>(() => _store.OpenReadAsync(key, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => _store.DeleteAsync(key, Cancellation));
        Assert.Empty(_directory.Files);
    }

    [Fact]
    public async Task Cleaning_removes_what_a_crash_left_and_neither_objects_nor_uploads_under_way()
    {
        await SaveTextAsync("a/job", "text");
        var leftover = Path.Combine(_directory.Path, "a", $"job.{Guid.NewGuid():N}.tmp");
        await File.WriteAllTextAsync(leftover, "half", Cancellation);
        var body = new ScriptedBody(10, atEnd: () =>
        {
            File.SetLastWriteTimeUtc(leftover, _clock.Now.UtcDateTime.AddHours(-3));
            Assert.Equal(1, _store.CleanTemporary(TimeSpan.FromHours(1)));
            return Task.CompletedTask;
        });

        await _store.SaveAsync("b/job", body, 10, Plenty, Cancellation);

        Assert.Equal(["a/job", "b/job"], _directory.Files.Order());
    }

    private UploadStore NewStore() => new(new UploadStoreOptions { Directory = _directory.Path, ReservedBytes = 0 }, _clock);

    private Task<StoredUpload> SaveTextAsync(string key, string text) =>
        _store.SaveAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(text)), text.Length, Plenty, Cancellation);

    private async Task<string> ReadTextAsync(string key) => Encoding.UTF8.GetString(await ReadAsync(key));

    private async Task<byte[]> ReadAsync(string key)
    {
        await using var stream = await _store.OpenReadAsync(key, Cancellation);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancellation);
        return copy.ToArray();
    }
}
