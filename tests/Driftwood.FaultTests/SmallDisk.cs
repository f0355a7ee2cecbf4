namespace Driftwood.FaultTests;

/// <summary>A disk in memory that the test can fill, empty and resize.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int IoErrorNoSpace = 28;

    private SmallDisk()
    {
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("driftwood-small-disk-").FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Mounts a disk. Skips the test if mounting is not permitted.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Mounts a tmpfs.");
        var disk = new SmallDisk();
        if (await Shell.TryAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "tmpfs", disk.Path)) return disk;
        Directory.Delete(disk.Path);
        Assert.Skip("May not mount a tmpfs.");
        throw new InvalidOperationException("Skipped.");
    }

    public Task ResizeAsync(int megabytes) => Shell.RunAsync("mount", "-o", $"remount,size={megabytes}m", Path);

    /// <summary>Fills all the free space.</summary>
    public void Fill()
    {
        var block = new byte[4096];
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) ballast.Write(block);
        }
        catch (IOException full) when (full.HResult == IoErrorNoSpace)
        {
            // The disk is full, as the test wants.
        }
    }

    /// <summary>Frees the space that <see cref="Fill"/> took.</summary>
    public void Empty() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync("umount", "--lazy", Path);
        Directory.Delete(Path);
    }
}
