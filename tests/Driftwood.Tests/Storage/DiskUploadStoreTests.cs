using System.Text;
using Driftwood.Storage;

namespace Driftwood.Tests.Storage;

public sealed class DiskUploadStoreTests : UploadStoreContract
{
    private const long Plenty = 1L << 40;

    private readonly TemporaryDirectory _directory = new();
    private readonly DiskUploadStore _store;

    public DiskUploadStoreTests() => _store = NewStore();

    private protected override IUploadStore Store => _store;

    public override ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected override Task<StoredUpload> PutAsync(string key, byte[] content) =>
        _store.SaveAsync(key, new MemoryStream(content), content.Length, Plenty, Cancellation);

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
        Assert.Single(_directory.Files);
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
    public async Task Cleaning_removes_what_a_crash_left_and_neither_objects_nor_uploads_under_way()
    {
        await SaveTextAsync("a/job", "text");
        var leftover = Path.Combine(_directory.Path, "a", $"job.{Guid.NewGuid():N}.tmp");
        await File.WriteAllTextAsync(leftover, "half", Cancellation);
        var body = new ScriptedBody(10, atEnd: () =>
        {
            File.SetLastWriteTimeUtc(leftover, Clock.Now.UtcDateTime.AddHours(-3));
            Assert.Equal(1, _store.CleanTemporary(TimeSpan.FromHours(1)));
            return Task.CompletedTask;
        });

        await _store.SaveAsync("b/job", body, 10, Plenty, Cancellation);

        Assert.Equal(["a/job", "b/job"], _directory.Files.Order());
    }

    private DiskUploadStore NewStore() => new(new DiskUploadStoreOptions { Directory = _directory.Path, ReservedBytes = 0 }, Clock);

    private Task<StoredUpload> SaveTextAsync(string key, string text) =>
        _store.SaveAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(text)), text.Length, Plenty, Cancellation);

    private async Task<string> ReadTextAsync(string key) => Encoding.UTF8.GetString(await ReadAsync(key));
}
