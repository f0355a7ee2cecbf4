namespace Driftwood.Tests.Commands;

[Collection(nameof(EmbeddedNode))]
public sealed class DemoTests(EmbeddedNode node)
{
    [Fact]
    public void The_demo_imports_the_samples_and_names_every_count()
    {
        var output = node.Demo.Expect(0).Output;
        Assert.Contains("1,851 created, 132 updated, 9 skipped, 8 failed", output, StringComparison.Ordinal);
        foreach (var row in (string[])["87", "311", "452", "798", "1024", "1333", "1617", "1888"])
            Assert.Matches($@"(?m)^ +{row} ", output);
        Assert.Matches("tag +completed +100 +100 +0", output);
        Assert.Matches("update +completed +50 +50 +0", output);
        Assert.Matches("delete +completed +10 +10 +0", output);
        Assert.DoesNotContain("is up", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nobody_watches_the_token_is_named_by_its_file_and_not_shown()
    {
        var output = node.Demo.Output;
        Assert.DoesNotContain(node.Token, output + node.Demo.Notes, StringComparison.Ordinal);
        Assert.Contains("Its token is in ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_terminal_nothing_printed_is_a_control_character() =>
        Assert.DoesNotContain(node.Demo.Output + node.Demo.Notes, c => char.IsControl(c) && c is not ('\n' or '\r'));

    [Fact]
    public async Task A_second_run_merges_into_what_the_first_one_left_and_serves_on()
    {
        await using var demo = DriftwoodProcess.Start(node.Data.Path, ["demo", "--urls", "http://127.0.0.1:0"]);
        await demo.ListensAsync();
        await demo.TerminateAsync();
        var output = (await demo.EndAsync()).Expect(0).Output;
        // Most contacts have their values already.
        Assert.Matches(@"[\d,]+ created, [23]\d\d updated, 1,[67]\d\d skipped, 8 failed", output);
        Assert.Contains("/swagger", output, StringComparison.Ordinal);
        Assert.Contains("$(cat '", output, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Token, output, StringComparison.Ordinal);
    }
}
