using System.Text.RegularExpressions;
using Driftwood.Engine.Faults;

namespace Driftwood.Tests.Engine.Faults;

public sealed partial class FaultCodesTests
{
    [Fact]
    public void Every_code_of_a_fault_has_a_sentence()
    {
        var engine = Path.Combine(Repository.Root, "src", "Driftwood.Engine");
        var codes = Directory.EnumerateFiles(engine, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains(Path.Combine("obj", ""), StringComparison.Ordinal))
            .SelectMany(file => Code().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .ToHashSet();

        Assert.Contains("duplicate_value", codes);
        Assert.Contains("invalid_boolean", codes);
        Assert.Empty(codes.Except(FaultCodes.Meanings.Keys));
    }

    // Matches new Fault(path, "code", …), new("code", …) of a Fault, Refuse(path, "code", …), and Refused("code", …).
    [GeneratedRegex(
        """(?:Fault|Refuse|Refused|RefuseValues)\??(?:\s\w+ =\s*new)?\(\s*(?:[^\n"]*?,\s*|\$?"[^"\n]*",\s*)?"([a-z]+(?:_[a-z]+)*)",\s""")]
    private static partial Regex Code();
}
