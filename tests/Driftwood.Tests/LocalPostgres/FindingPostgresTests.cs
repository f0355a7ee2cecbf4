using Driftwood.LocalPostgres;
using Xunit;

namespace Driftwood.Tests.LocalPostgres;

public sealed class FindingPostgresTests : ServerTest
{
    [Fact]
    public async Task Without_any_postgres_the_error_names_three_ways_out()
    {
        Options = Options with { Places = new SearchPlaces([], Npm: null) };

        var error = await Assert.ThrowsAsync<LocalPostgresException>(StartAsync);

        Assert.Contains("1. install PostgreSQL", error.Message, StringComparison.Ordinal);
        Assert.Contains("2. install Node.js", error.Message, StringComparison.Ordinal);
        Assert.Contains("3. use a server of your own: set ConnectionStrings__Driftwood", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_postgres_older_than_15_is_refused_by_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var old = StandIn("14.11");
        Options = Options with { Places = new SearchPlaces([old], Npm: null) };
        var searched = await Assert.ThrowsAsync<LocalPostgresException>(StartAsync);
        Options = Options with { BinDirectory = old };
        var named = await Assert.ThrowsAsync<LocalPostgresException>(StartAsync);

        Assert.Contains($"Found PostgreSQL 14.11 in {old}, but 15 is the oldest supported", searched.Message, StringComparison.Ordinal);
        Assert.Contains("15 is the oldest supported", named.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_another_version_is_not_touched()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var server = await StartAsync();
        await server.DisposeAsync();
        var made = File.ReadAllText(Path.Combine(server.ClusterDirectory, "PG_VERSION")).Trim();
        var other = made == "16" ? "17.2" : "16.2";
        Options = Options with { Places = new SearchPlaces([StandIn(other)], Npm: null) };

        var error = await Assert.ThrowsAsync<LocalPostgresException>(StartAsync);

        Assert.Contains($"was made by PostgreSQL {made}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"PostgreSQL {other}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Server_versions_are_looked_for_highest_first()
    {
        var distribution = SearchPlaces.OfThisMachine().Directories
            .Where(d => d.StartsWith("/usr/lib/postgresql/", StringComparison.Ordinal))
            .Select(d => int.Parse(d.Split('/')[4], System.Globalization.CultureInfo.InvariantCulture))
            .ToList();

        Assert.Equal(distribution.OrderDescending(), distribution);
    }

    /// <summary>Makes a directory of programs that only print their version.</summary>
    private string StandIn(string version)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Options.DataDirectory, "bin-" + version)).FullName;
        foreach (var name in new[] { "postgres", "initdb", "pg_ctl" })
        {
            var file = Path.Combine(directory, name);
            File.WriteAllText(file, $"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Test)'\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
            }
        }
        return directory;
    }
}
