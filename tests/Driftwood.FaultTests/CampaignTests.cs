using Driftwood.FaultTests.Campaign;

namespace Driftwood.FaultTests;

/// <summary>A short campaign with a fixed seed. People run long campaigns by hand, with any seed.</summary>
public sealed class CampaignTests
{
    [Fact]
    public async Task Every_fault_at_random_moments_breaks_no_invariant_and_a_naive_worker_breaks_some()
    {
        var settings = new CampaignSettings
        {
            Seed = 7,
            Duration = TimeSpan.FromSeconds(70),
            Lease = TimeSpan.FromSeconds(ServiceProcess.LeaseSeconds),
            Round = TimeSpan.FromSeconds(20),
            Gap = TimeSpan.FromSeconds(2),
            WarmUp = TimeSpan.FromSeconds(6),
            Control = TimeSpan.FromSeconds(15),
            Apis = 1,
            Workers = 2,
            Accounts = 3,
            MostRows = 45_000,
        };
        using var output = new StringWriter();

        var report = await new FaultCampaign(settings, TextWriter.Synchronized(output)).RunAsync();

        TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        Assert.True(report.Failures.Count == 0, output.ToString());
        Assert.True(report.Tally.Jobs > settings.Accounts, "Hardly a job ended.");
        Assert.True(report.Tally.Undos > 0, "No job was taken back.");
    }
}
