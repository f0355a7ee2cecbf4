using System.Net;
using Driftwood.Tests.Engine.Files.Workbooks;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Runs while nothing else does, because the memory is that of the process.</summary>
[CollectionDefinition(nameof(HostileWorkbookTests), DisableParallelization = true)]
[Collection(nameof(HostileWorkbookTests))]
public sealed class HostileWorkbookTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const long MaxBytes = 16 << 20;

    [Theory]
    [MemberData(nameof(HostileWorkbooks.All), MemberType = typeof(HostileWorkbooks))]
    public async Task A_hostile_workbook_is_refused_and_takes_little_memory_at_its_peak(string name, string code)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.PutFileAsync(HostileWorkbooks.Make(name));
        using var memory = new PeakMemory();
        (await client.PostAsync("imports-complete-upload", new { id })).Expect(HttpStatusCode.UnprocessableEntity, code);
        var peak = memory.Stop();
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {peak} bytes at most.");
        Assert.InRange(peak, long.MinValue, MaxBytes);
    }
}
