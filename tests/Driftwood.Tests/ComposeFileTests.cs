using System.Text.RegularExpressions;

namespace Driftwood.Tests;

/// <summary>What <c>docker-compose.yml</c> hands to whom.</summary>
public sealed partial class ComposeFileTests
{
    [Fact]
    public void Only_nodes_that_answer_requests_get_the_signing_key()
    {
        var blocks = Blocks();

        Assert.Contains("SigningKeys", blocks["api"], StringComparison.Ordinal);
        Assert.Contains("<<: *environment", blocks["worker"], StringComparison.Ordinal);
        foreach (var other in new[] { "x-driftwood", "x-environment", "postgres", "worker" })
            Assert.DoesNotContain("SigningKeys", blocks[other], StringComparison.Ordinal);
    }

    /// <summary>Members of the document, and of its services, with their text.</summary>
    private static Dictionary<string, string> Blocks()
    {
        var text = Repository.Read("docker-compose.yml");
        var starts = Start().Matches(text);
        return starts.Select((start, i) => (
                Name: start.Groups["name"].Value,
                Text: text[start.Index..(i + 1 < starts.Count ? starts[i + 1].Index : text.Length)]))
            .DistinctBy(block => block.Name)
            .ToDictionary(block => block.Name, block => block.Text);
    }

    [GeneratedRegex("^(?:  )?(?<name>x-driftwood|x-environment|services|postgres|api|worker|volumes):", RegexOptions.Multiline)]
    private static partial Regex Start();
}
