using System.Runtime.InteropServices;
using System.Text;

namespace Driftwood.Storage;

/// <summary>Two facts about a disk that the framework does not tell: that it is full, and that a rename has reached it.</summary>
internal static class Disk
{
    private const int NoSpace = 28;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    private static readonly int QuotaExceeded = OperatingSystem.IsMacOS() ? 69 : 122;

    /// <summary>True for ENOSPC and EDQUOT; on Unix the framework puts the errno into HResult.</summary>
    public static bool IsFull(IOException error) => OperatingSystem.IsWindows()
        ? error.HResult is WindowsDiskFull or WindowsHandleDiskFull
        : error.HResult == NoSpace || error.HResult == QuotaExceeded;

    /// <summary>A look ahead, not a reservation: uploads side by side may still run into a full disk.</summary>
    public static void RequireSpace(string directory, long bytes, long reservedBytes)
    {
        if (new DriveInfo(directory).AvailableFreeSpace - reservedBytes < bytes)
            throw new StorageFullException();
    }

    /// <summary>Without it a power cut may lose the name of a file whose content was flushed.</summary>
    /// <exception cref="IOException">The directory could not be flushed.</exception>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;

        var descriptor = Open(Encoding.UTF8.GetBytes(directory + '\0'), 0);
        if (descriptor < 0)
            throw Failure();
        try
        {
            // EINVAL: a file system that has no such flush (some network shares) and nothing to wait for.
            if (Flush(descriptor) != 0 && Marshal.GetLastPInvokeError() is not 22)
                throw Failure();
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure()
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"The directory was not flushed to disk: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    // Blittable on purpose (a zero-terminated byte array): nothing to marshal, no unsafe code to allow.
    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Flush(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
