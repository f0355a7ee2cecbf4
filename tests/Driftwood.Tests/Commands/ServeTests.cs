namespace Driftwood.Tests.Commands;

[Collection(nameof(EmbeddedNode))]
public sealed class ServeTests(EmbeddedNode node)
{
    [Fact]
    public async Task A_restart_keeps_data_and_token()
    {
        using var client = node.CreateClient(node.Token);
        var contacts = await client.PostAsync("contacts-list", new { limit = 1 });
        Assert.Equal(1, contacts.Result.GetProperty("items").GetArrayLength());
        Assert.Equal(node.Token, node.Data.ReadToken());
    }

    [Fact]
    public void Secrets_are_readable_by_their_user_only()
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var name in (string[])["token", "signing-keys.json"])
        {
            var mode = File.GetUnixFileMode(Path.Combine(node.Data.Path, name));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        }
    }

    [Fact]
    public async Task A_taken_address_is_one_sentence()
    {
        var ended = await node.RunAsync("serve", "--urls", node.Address.ToString());
        ended.Expect(1);
        var last = ended.Notes.Trim().Split('\n')[^1];
        Assert.Contains("address already in use", last, StringComparison.Ordinal);
        Assert.Contains("--urls", last, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Notes + ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls http://0.0.0.0:0", "(http://0.0.0.0:")]
    [InlineData("--urls http://0.0.0.0:0", "set Driftwood:PublicUrl, such as https://api.example.com")]
    [InlineData("--Driftwood:TrustedProxies:0=proxy", "Driftwood:TrustedProxies must be addresses or networks")]
    [InlineData("--Driftwood:CorsOrigins:0=https://a.example/path", "Driftwood:CorsOrigins must be origins without a path")]
    [InlineData("--bogus", "Unrecognized command or argument '--bogus'")]
    [InlineData("--Drftwood:Role=api", "Unrecognized command or argument '--Drftwood:Role=api'")]
    [InlineData("--Driftwood:Role=boss", "'boss' at 'Driftwood:Role'")]
    [InlineData("--Driftwood:Bogus=1", "'Bogus'")]
    [InlineData("--Driftwood:Jobs:LeaseSeconds=0", "Driftwood:Jobs:LeaseSeconds must be from 1 to 3600")]
    [InlineData("--Driftwood:Jobs:ConfirmAbove=-1", "Driftwood:Jobs:ConfirmAbove must be at least 0")]
    [InlineData("--Driftwood:Jobs:Engine=resque", "Driftwood:Jobs:Engine must be hangfire or in_process.")]
    [InlineData(
        "--Driftwood:Jobs:Engine=in_process --Driftwood:Jobs:DashboardAccount=0199f2c4-0000-7000-8000-000000000000",
        "Driftwood:Jobs:DashboardAccount needs Jobs:Engine hangfire")]
    [InlineData(
        "--Driftwood:Uploads:SigningKeys:0:Secret=short",
        "Driftwood:Uploads:SigningKeys need an Id and a Secret of at least 32 characters")]
    [InlineData("--ConnectionStrings:Driftwood=nonsense", "ConnectionStrings:Driftwood is not a connection string")]
    [InlineData("--ConnectionStrings:Driftwood=Host=127.0.0.1;Port=1;Database=x", "The database cannot be reached")]
    [InlineData(
        "--ConnectionStrings:Driftwood=Host=127.0.0.1;Port=1;Database=x --Driftwood:MigrateAtStart=false",
        "A node that runs jobs has to know how it reaches it")]
    public async Task What_is_wrong_with_the_command_line_is_said_and_exits_1(string argument, string sentence)
    {
        var ended = await node.RunAsync(argument.Split(' '));
        Assert.Contains(sentence, ended.Expect(1).Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Notes + ended.Output, StringComparison.Ordinal);
    }
}
