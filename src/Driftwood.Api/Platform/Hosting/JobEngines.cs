namespace Driftwood.Api.Platform.Hosting;

/// <summary>The names of <c>Driftwood:Jobs:Engine</c>: how lanes are woken.</summary>
internal static class JobEngines
{
    /// <summary>Workers that listen to NOTIFY.</summary>
    public const string InProcess = "in_process";

    /// <summary>Hangfire on the service's own database.</summary>
    public const string Hangfire = "hangfire";

    public static readonly string[] All = [InProcess, Hangfire];
}
