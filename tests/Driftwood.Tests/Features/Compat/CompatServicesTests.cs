using System.Net;
using Driftwood.Tests.Features.Imports;
using Microsoft.Extensions.Options;

namespace Driftwood.Tests.Features.Compat;

/// <summary>What holds for every service: small folders, off by default, and a wrong setting stops the start.</summary>
public sealed class CompatServicesTests(ImportsApp app, PostgresServer server) : IClassFixture<ImportsApp>
{
    private const int MaxLines = 400;
    private const string Root = "src/Driftwood.Api/Features/Compat";

    public static TheoryData<string> Services =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, Root)).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_has_fewer_lines_of_code_than_400(string service)
    {
        var lines = Directory.GetFiles(Path.Combine(Repository.Root, Root, service), "*.cs").SelectMany(File.ReadLines)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal))
            .Count(line => !line.StartsWith("using ", StringComparison.Ordinal));
        Assert.InRange(lines, 1, MaxLines - 1);
    }

    [Fact]
    public void A_service_is_named_only_in_its_own_folder()
    {
        var arrows = FolderArrows.Read([typeof(Program).Assembly]);
        foreach (var service in Services.Select(row => $"Api/Features/Compat/{row.Data}"))
        {
            Assert.Empty(arrows.Where(arrow => arrow.Value.Contains(service)).Select(arrow => arrow.Key));
            Assert.DoesNotContain(arrows[service], used => Services.Any(other => used == $"Api/Features/Compat/{other.Data}"));
        }
    }

    [Fact]
    public async Task Routes_are_off_unless_an_account_is_named()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateStranger();
        client.DefaultRequestHeaders.Add("X-ApiToken", account.Token);
        var answer = await client.FulcrumGetAsync("batch.json");
        Assert.Equal((HttpStatusCode.NotFound, """{"error":"Not Found","status":404}"""), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("Fulcrm:Accounts", "*", "Driftwood:Compat:Fulcrm is not a service: expected one of ")]
    [InlineData("Fulcrum:Acounts", "*", "'Acounts'")]
    [InlineData("Fulcrum:Accounts", "all", "Accounts must be * or account ids with commas between; found all.")]
    [InlineData("Fulcrum:MaxRecords", "0", "MaxRecords must be from 1 to 100000.")]
    public async Task A_wrong_setting_stops_the_start(string key, string value, string expected)
    {
        await using var database = new TemporaryDatabase(server);
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(
            () => DriftwoodApp.StartAsync(database.ConnectionString, [($"Driftwood:Compat:{key}", value)]));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
    }
}
