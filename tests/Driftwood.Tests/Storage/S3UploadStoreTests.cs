using System.Net;
using System.Net.Http.Headers;
using Driftwood.Storage;
using Driftwood.Storage.S3;

namespace Driftwood.Tests.Storage;

/// <summary>The store on a real S3 server, behind a proxy that breaks connections.</summary>
public sealed class S3UploadStoreTests(SharedS3Server shared) : UploadStoreContract
{
    private static readonly HttpClient Caller = new();

    private readonly string _prefix = $"test-{Guid.NewGuid():n}/";
    private S3Server _server = null!;
    private CuttingProxy _proxy = null!;
    private S3UploadStore _store = null!;

    private protected override IUploadStore Store => _store;

    public override async ValueTask InitializeAsync()
    {
        _server = await shared.StartAsync();
        _proxy = new CuttingProxy(_server.Port);
        _store = NewStore(_proxy.Address);
    }

    public override async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _proxy.DisposeAsync();
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(1_000_000)]
    public async Task A_read_goes_on_from_the_byte_where_its_connection_broke(int bytesPerConnection)
    {
        var content = Content(3_000_000);
        await PutAsync("job", content);

        _proxy.CutAfter(bytesPerConnection);

        Assert.Equal(content, await ReadAsync("job"));
        Assert.InRange(_proxy.Cuts, content.Length / bytesPerConnection, int.MaxValue);
    }

    [Fact]
    public async Task A_read_goes_on_after_an_outage_that_ends_soon()
    {
        var content = Content(3_000_000);
        await PutAsync("job", content);
        await using var reader = await _store.OpenReadAsync("job", Cancellation);
        var read = new byte[content.Length];
        await reader.ReadExactlyAsync(read.AsMemory(0, 500_000), Cancellation);

        _proxy.CutAfter(0);
        var rest = reader.ReadExactlyAsync(read.AsMemory(500_000), Cancellation).AsTask();
        await Eventually.GetAsync(() => Task.FromResult(_proxy.Cuts), cuts => cuts >= 2);
        _proxy.CutAfter(long.MaxValue);
        await rest;

        Assert.Equal(content, read);
    }

    [Fact]
    public async Task A_read_gives_up_when_the_bucket_stays_away()
    {
        await PutAsync("job", Content(3_000_000));
        await using var reader = await _store.OpenReadAsync("job", Cancellation);
        _proxy.CutAfter(0);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => reader.CopyToAsync(Stream.Null, Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _store.OpenReadAsync("job", Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _store.CheckAsync(Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _store.DeleteAsync("job", Cancellation));
    }

    [Fact]
    public async Task A_read_that_broke_does_not_go_on_in_another_file()
    {
        // More than all buffers between the bucket and the reader hold, so that the connection is cut before the end has come through.
        const int Length = 60_000_000;
        await PutAsync("job", Content(Length));
        await using var reader = await _store.OpenReadAsync("job", Cancellation);
        await reader.ReadExactlyAsync(new byte[1000], Cancellation);

        await PutAsync("job", Content(Length, seed: 1));
        _proxy.CutAfter(long.MaxValue);

        var error = await Assert.ThrowsAnyAsync<IOException>(() => reader.CopyToAsync(Stream.Null, Cancellation));
        Assert.Contains("replaced", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_read_ends_at_once()
    {
        await PutAsync("job", Content(3_000_000));
        await using var reader = await _store.OpenReadAsync("job", Cancellation);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.CopyToAsync(Stream.Null, cancelled.Token));
    }

    [Fact]
    public async Task A_file_that_was_taken_is_not_changed_by_a_later_put()
    {
        var job = Guid.NewGuid();
        Assert.Null(await _store.TakeAsync(job, "job", 100, Cancellation));
        await SendAsync(job, "first"u8.ToArray());
        Assert.Equal(5, (await _store.TakeAsync(job, "job", 100, Cancellation))!.Length);

        await SendAsync(job, "second"u8.ToArray());

        Assert.Equal("first"u8.ToArray(), await ReadAsync("job"));
        Assert.Equal(6, (await _store.TakeAsync(job, "again", 100, Cancellation))!.Length);
    }

    [Fact]
    public async Task A_list_of_several_pages_is_listed_whole()
    {
        const int PageSize = 1000;
        var jobs = Enumerable.Range(0, PageSize + 3).Select(_ => Guid.NewGuid()).ToArray();
        await Parallel.ForEachAsync(jobs, Cancellation, async (job, _) => await SendAsync(job, []));
        await _store.CheckAsync(Cancellation);

        var listed = await _store.ListKeysAsync(TimeSpan.FromHours(-1), Cancellation).ToListAsync(Cancellation);

        Assert.Equal(jobs.Select(UploadKeys.Incoming).Order(), listed.Order());
    }

    [Fact]
    public async Task A_file_larger_than_it_may_be_is_not_taken()
    {
        var job = Guid.NewGuid();
        await SendAsync(job, new byte[101]);

        var error = await Assert.ThrowsAsync<UploadTooLargeException>(() => _store.TakeAsync(job, "job", 100, Cancellation));

        Assert.Equal(100, error.MaxBytes);
        await Assert.ThrowsAsync<FileNotFoundException>(() => _store.OpenReadAsync("job", Cancellation));
    }

    [Fact]
    public async Task A_signed_url_is_good_for_its_import_and_content_type_only()
    {
        var url = await _store.SignPutAsync(Guid.NewGuid(), "text/csv", DateTimeOffset.UtcNow.AddHours(1));
        var other = url.Replace(UploadKeys.IncomingPrefix, $"{UploadKeys.IncomingPrefix}a", StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(url, "text/csv", "text"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(url, "text/html", "text"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(other, "text/csv", "text"u8.ToArray()));
        var expired = await _store.SignPutAsync(Guid.NewGuid(), "text/csv", DateTimeOffset.UtcNow.AddSeconds(-1));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(expired, "text/csv", "text"u8.ToArray()));
    }

    [Fact]
    public async Task Signed_urls_begin_with_the_public_address()
    {
        using var store = NewStore(_proxy.Address, new Uri("https://files.example.com"));

        var url = await store.SignPutAsync(Guid.Empty, "text/csv", DateTimeOffset.UtcNow.AddHours(1));

        var path = $"{S3Server.Bucket}/{_prefix}{UploadKeys.Incoming(Guid.Empty)}";
        Assert.StartsWith($"https://files.example.com/{path}?", url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_and_a_missing_bucket_are_told_without_secrets()
    {
        using var stranger = NewStore(_proxy.Address, secret: "another secret");
        using var nowhere = NewStore(_proxy.Address, bucket: "nowhere");

        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => stranger.OpenReadAsync("job", Cancellation));
        var missing = await Assert.ThrowsAsync<StorageUnavailableException>(() => nowhere.CheckAsync(Cancellation));

        Assert.Equal("The bucket of the uploads cannot be used (SignatureDoesNotMatch).", refused.Message);
        Assert.Equal("The bucket of the uploads cannot be used (NoSuchBucket).", missing.Message);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => nowhere.OpenReadAsync("job", Cancellation));
    }

    private protected override async Task<StoredUpload> PutAsync(string key, byte[] content)
    {
        var job = Guid.NewGuid();
        await SendAsync(job, content);
        var stored = await _store.TakeAsync(job, key, long.MaxValue, Cancellation);
        await _store.DeleteAsync(UploadKeys.Incoming(job), Cancellation);
        return stored!;
    }

    private async Task SendAsync(Guid job, byte[] content)
    {
        var url = await _store.SignPutAsync(job, "text/csv", DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(url, "text/csv", content));
    }

    private static async Task<HttpStatusCode> SendAsync(string url, string contentType, byte[] content)
    {
        using var body = new ByteArrayContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var answer = await Caller.PutAsync(new Uri(url), body, Cancellation);
        return answer.StatusCode;
    }

    private S3UploadStore NewStore(
        Uri endpoint, Uri? publicEndpoint = null, string secret = S3Server.Key, string bucket = S3Server.Bucket) =>
        new(
            new S3StoreOptions
            {
                Bucket = bucket,
                Endpoint = endpoint,
                PublicEndpoint = publicEndpoint,
                Prefix = _prefix,
                AccessKey = S3Server.Key,
                SecretKey = secret,
                PathStyle = true,
            },
            Clock);
}
