using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;

namespace Driftwood.Tests.Commands;

public sealed class ConfigurationArgumentsTests
{
    [Fact]
    public void Settings_are_told_from_options_by_their_section()
    {
        var (settings, others) = ConfigurationArguments.Split(
            ["--Driftwood:Role=api", "import", "--map", "A:B=c", "--connectionstrings:Driftwood", "Host=x;Port=1", "--map:A=b",
                "--Other:Key=1"]);
        Assert.Equal(["--Driftwood:Role=api", "--connectionstrings:Driftwood=Host=x;Port=1"], settings);
        Assert.Equal(["import", "--map", "A:B=c", "--map:A=b", "--Other:Key=1"], others);
    }

    [Fact]
    public void A_setting_without_a_value_is_refused() =>
        Assert.Throws<CommandFailure>(() => ConfigurationArguments.Split(["--Driftwood:Role"]));

    [Fact]
    public void What_a_terminal_would_obey_is_not_printed() =>
        Assert.Equal("a\uFFFD[31m b\uFFFD", Terminal.Printable("a\u001b[31m\nb\u0007"));
}
