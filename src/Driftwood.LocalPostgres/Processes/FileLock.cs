namespace Driftwood.LocalPostgres.Processes;

/// <summary>
/// An advisory lock on a file, shared or exclusive. The operating system holds it for the open file (flock on
/// Unix, share modes on Windows), so it ends with its process however that ends, and two holders in one process
/// count as two. The file's existence means nothing. Whoever can open the file can hold the lock, so only its owner can.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows.
    private static readonly int[] Taken = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>The lock, or null when another holder is in the way.</summary>
    public static FileLock? TryTake(string path, bool exclusive)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = exclusive ? FileAccess.ReadWrite : FileAccess.Read,
                Share = exclusive ? FileShare.None : FileShare.Read,
            };
            if (OperatingSystem.IsWindows()) return new FileLock(new FileStream(path, options));
            options.UnixCreateMode = OwnersOnly;
            var taken = new FileLock(new FileStream(path, options));
            // Files of earlier versions were open to all.
            if (File.GetUnixFileMode(taken._stream.SafeFileHandle) != OwnersOnly)
                File.SetUnixFileMode(taken._stream.SafeFileHandle, OwnersOnly);
            return taken;
        }
        catch (IOException e) when (Taken.Contains(e.HResult))
        {
            return null;
        }
    }

    /// <summary>The exclusive lock, or null when it could not be had within <paramref name="limit"/>.</summary>
    public static async Task<FileLock?> TakeAsync(string path, TimeSpan limit, CancellationToken ct)
    {
        var deadline = Deadline.In(limit);
        while (true)
        {
            if (TryTake(path, exclusive: true) is { } taken) return taken;
            if (deadline.HasPassed) return null;
            await Task.Delay(Deadline.Poll, ct);
        }
    }

    public void Dispose() => _stream.Dispose();
}
