namespace Driftwood.Api.Platform.Hosting;

/// <summary>The names of <c>Driftwood:Jobs:Engine</c>: the job engines that run lanes.</summary>
internal static class JobEngines
{
    /// <summary>Hangfire on the service's own database.</summary>
    public const string Hangfire = "hangfire";

    /// <summary>Workers that listen to NOTIFY.</summary>
    public const string InProcess = "in_process";

    public static readonly string[] All = [Hangfire, InProcess];
}
