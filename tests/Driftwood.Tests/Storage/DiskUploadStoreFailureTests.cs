using System.Diagnostics;
using Driftwood.Storage;
using Xunit;

namespace Driftwood.Tests.Storage;

/// <summary>Every upload here fails. Each time only the older object remains.</summary>
public sealed class DiskUploadStoreFailureTests : IDisposable
{
    private const long Plenty = 1L << 40;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_body_shorter_than_declared_is_refused()
    {
        var error = await FailAsync<UploadTruncatedException>(new ScriptedBody(299_999), declaredLength: 300_000);

        Assert.Equal(300_000, error.DeclaredBytes);
        Assert.Equal(299_999, error.ReceivedBytes);
    }

    [Fact]
    public async Task A_body_longer_than_declared_is_refused() =>
        await FailAsync<UploadTruncatedException>(new ScriptedBody(300_001), declaredLength: 300_000);

    [Theory]
    [InlineData(null)]
    [InlineData(300_000L)]
    public async Task A_reset_connection_is_a_truncated_body_with_or_without_a_length(long? declaredLength)
    {
        var error = await FailAsync<UploadTruncatedException>(new ScriptedBody(200_000, atEnd: ScriptedBody.Reset), declaredLength);

        Assert.Equal(200_000, error.ReceivedBytes);
        Assert.IsType<IOException>(error.InnerException);
    }

    [Fact]
    public async Task A_cancelled_request_stores_nothing()
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var body = new ScriptedBody(200_000, atEnd: cancelled.CancelAsync);

        await FailAsync<OperationCanceledException>(body, 300_000, cancellationToken: cancelled.Token);
    }

    [Fact]
    public async Task A_declared_length_over_the_limit_is_refused_unread()
    {
        var body = new ScriptedBody(1_001);

        var error = await FailAsync<UploadTooLargeException>(body, 1_001, maxBytes: 1_000);

        Assert.Equal(1_000, error.MaxBytes);
        Assert.False(body.WasRead);
    }

    [Fact]
    public async Task A_body_without_a_length_is_cut_off_at_the_limit() =>
        await FailAsync<UploadTooLargeException>(new ScriptedBody(1_001), null, maxBytes: 1_000);

    [Fact]
    public async Task The_limit_of_the_store_holds_whatever_the_upload_was_promised()
    {
        var error = await FailAsync<UploadTooLargeException>(
            new ScriptedBody(1_001), null, options: new() { Directory = _directory.Path, MaxBytes = 500 });

        Assert.Equal(500, error.MaxBytes);
    }

    [Fact]
    public async Task A_declared_length_larger_than_the_disk_is_refused_unread()
    {
        var body = new ScriptedBody(10);

        await FailAsync<StorageFullException>(
            body, 1L << 60, maxBytes: long.MaxValue, options: new() { Directory = _directory.Path, MaxBytes = long.MaxValue });

        Assert.False(body.WasRead);
    }

    [Fact]
    public async Task The_reserve_is_kept_from_uploads_that_declare_no_length() =>
        await FailAsync<StorageFullException>(
            new ScriptedBody(10), null, options: new() { Directory = _directory.Path, ReservedBytes = long.MaxValue });

    [Fact]
    public async Task A_disk_that_fills_up_while_writing_keeps_the_older_object()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Mounts a tmpfs.");
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _directory.Path), "May not mount a tmpfs.");
        try
        {
            // The body has no length, so the check of free space in advance cannot help. The kernel itself reports ENOSPC.
            await FailAsync<StorageFullException>(new ScriptedBody(2_000_000), null);
        }
        finally
        {
            await RunAsync("umount", _directory.Path);
        }
    }

    [Fact]
    public void A_full_device_is_told_apart_from_other_disk_errors()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No /dev/full.");
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

        Assert.True(Disk.IsFull(Assert.Throws<IOException>(() => full.WriteByte(1))));
        Assert.False(Disk.IsFull(new IOException("Input/output error", 5)));
        Assert.False(Disk.IsFull(new IOException()));
    }

    private async Task<T> FailAsync<T>(
        Stream body, long? declaredLength, long maxBytes = Plenty, DiskUploadStoreOptions? options = null,
            CancellationToken? cancellationToken = null)
        where T : Exception
    {
        var older = new DiskUploadStore(new DiskUploadStoreOptions { Directory = _directory.Path, ReservedBytes = 0 }, TimeProvider.System);
        await older.SaveAsync("a/job", new MemoryStream("older"u8.ToArray()), 5, Plenty, Cancellation);
        var store = new DiskUploadStore(options ?? new() { Directory = _directory.Path, ReservedBytes = 0 }, TimeProvider.System);

        var error = await Assert.ThrowsAnyAsync<T>(
            () => store.SaveAsync("a/job", body, declaredLength, maxBytes, cancellationToken ?? Cancellation));

        Assert.Equal(["a/job"], _directory.Files);
        Assert.Equal("older", await File.ReadAllTextAsync(Path.Combine(_directory.Path, "a/job"), Cancellation));
        return error;
    }

    private static async Task<bool> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode == 0;
    }
}
