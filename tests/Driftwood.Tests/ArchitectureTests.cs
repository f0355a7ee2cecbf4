using System.Reflection;
using System.Text.RegularExpressions;
using Driftwood.Data;
using Driftwood.Engine.Lanes;
using Driftwood.LocalPostgres;
using Driftwood.Storage;

namespace Driftwood.Tests;

/// <summary>Checks the arrows and sizes of docs/architecture.md.</summary>
public sealed partial class ArchitectureTests
{
    private const int MaxFilesOfFolder = 15;
    private const int MaxColumns = 140;

    private static readonly Type[] Assemblies =
    [
        typeof(Program), typeof(LaneRunner), typeof(DriftwoodDb), typeof(DiskUploadStore), typeof(LocalPostgresServer),
            typeof(Driftwood.Hangfire.HangfireSettings),
    ];

    [Theory]
    [InlineData(typeof(LaneRunner))]
    [InlineData(typeof(DriftwoodDb))]
    [InlineData(typeof(DiskUploadStore))]
    [InlineData(typeof(LocalPostgresServer))]
    public void A_room_knows_nothing_above_or_beside_it(Type inside) =>
        Assert.DoesNotContain(References(inside.Assembly), name => name.StartsWith("Driftwood.", StringComparison.Ordinal));

    [Fact]
    public void The_engine_needs_five_packages_and_neither_the_web_nor_EF()
    {
        string[] framework = ["System.", "Microsoft.Extensions.Logging.Abstractions"];
        var others = References(typeof(LaneRunner).Assembly)
            .Where(name => !framework.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

        Assert.Equal(["CsvHelper", "Npgsql", "PhoneNumbers", "Quickenshtein", "UtfUnknown"], others.Order(StringComparer.Ordinal));
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
    public void Hangfire_knows_the_engine_alone() => Assert.Equal(["Driftwood.Engine"], Rooms(typeof(Driftwood.Hangfire.HangfireSettings)));

    [Fact]
    public void A_folder_uses_only_folders_of_lower_levels()
    {
        var levels = Levels();
        var arrows = FolderArrows.Read(Assemblies.Select(type => type.Assembly));

        Assert.Equal(arrows.Keys, levels.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(arrows.SelectMany(folder => folder.Value
            .Where(used => levels.TryGetValue(used, out var level) && level <= levels[folder.Key])
            .Select(used => $"{folder.Key} (level {levels[folder.Key]}) uses {used} (level {levels[used]})")));
    }

    [Fact]
    public void A_namespace_is_a_folder() => Assert.DoesNotContain(Repository.List("src", "*.cs"), file =>
        NamespaceLine().Match(Repository.Read(file)) is { Success: true } line
        && line.Groups["name"].Value != Path.GetDirectoryName(file)!.Replace('\\', '/')["src/".Length..].Replace('/', '.'));

    [Fact]
    public void A_folder_has_about_fifteen_files_at_most() => Assert.Empty(Repository.List("src", "*.cs")
        .GroupBy(file => Path.GetDirectoryName(file))
        .Where(folder => folder.Count() > MaxFilesOfFolder)
        .Select(folder => $"{folder.Key}: {folder.Count()} files"));

    [Fact]
    public void A_line_has_140_columns_at_most() => Assert.Empty(
        from folder in (string[])["src", "tests"]
        from pattern in (string[])["*.cs", "*.sql"]
        from file in Repository.List(folder, pattern)
        from line in Repository.Read(file).Split('\n').Index()
        where line.Item.TrimEnd('\r').Length > MaxColumns
        select $"{file}:{line.Index + 1}: {line.Item.Length} columns");

    [Fact]
    public void No_code_is_conditional_and_none_is_folded_away() => Assert.Empty(
        from folder in (string[])["src", "tests"]
        from file in Repository.List(folder, "*.cs")
        where Directive().IsMatch(Repository.Read(file))
        select file);

    /// <summary>The table of docs/architecture.md: each folder with the number of its row. The first row is at the top.</summary>
    private static Dictionary<string, int> Levels() => LevelRow().Matches(Repository.Read("docs/architecture.md"))
        .SelectMany(row => Name().Matches(row.Groups["folders"].Value)
            .Select(name => (
                Folder: name.Groups["name"].Value,
                Level: int.Parse(row.Groups["level"].Value, System.Globalization.CultureInfo.InvariantCulture))))
        .ToDictionary(entry => entry.Folder, entry => entry.Level);

    private static IEnumerable<string> Rooms(Type inside) =>
        References(inside.Assembly).Where(name => name.StartsWith("Driftwood.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^\s*#(?:if|elif|else|endif|region|endregion)\b", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"^\| (?<level>\d+) \| (?<folders>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex LevelRow();

    [GeneratedRegex("`(?<name>[^`]+)`")]
    private static partial Regex Name();
}
