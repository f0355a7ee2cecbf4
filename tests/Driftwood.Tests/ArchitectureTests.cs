using System.Reflection;
using Driftwood.Data;
using Driftwood.Engine.Lanes;
using Driftwood.LocalPostgres;
using Driftwood.Storage;

namespace Driftwood.Tests;

/// <summary>Who may know whom: docs/architecture.md.</summary>
public sealed class ArchitectureTests
{
    [Theory]
    [InlineData(typeof(LaneRunner))]
    [InlineData(typeof(DriftwoodDb))]
    [InlineData(typeof(UploadStore))]
    [InlineData(typeof(LocalPostgresServer))]
    public void A_room_knows_nothing_above_or_beside_it(Type inside) =>
        Assert.DoesNotContain(References(inside.Assembly), name => name.StartsWith("Driftwood.", StringComparison.Ordinal));

    [Fact]
    public void The_engine_needs_Npgsql_and_CsvHelper_and_neither_the_web_nor_EF()
    {
        string[] framework = ["System.", "Microsoft.Extensions.Logging.Abstractions"];
        var others = References(typeof(LaneRunner).Assembly)
            .Where(name => !framework.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

        Assert.Equal(["CsvHelper", "Npgsql"], others.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_executable_knows_the_rooms_below_it_and_no_others() => Assert.Equal(
        [
            "Driftwood.Data",
            "Driftwood.Engine",
            "Driftwood.Hangfire",
            "Driftwood.LocalPostgres",
            "Driftwood.Storage",
        ],
        Rooms(typeof(Program)));

    [Fact]
    public void Hangfire_knows_the_engine_alone() => Assert.Equal(["Driftwood.Engine"], Rooms(typeof(Driftwood.Hangfire.LaneTicket)));

    private static IEnumerable<string> Rooms(Type inside) =>
        References(inside.Assembly).Where(name => name.StartsWith("Driftwood.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
