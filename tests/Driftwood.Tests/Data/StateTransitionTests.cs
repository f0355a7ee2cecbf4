using System.Text.RegularExpressions;
using Driftwood.Data.Model;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Tests.Data;

/// <summary>Compares the diagrams in the docs, and every statement that changes a state, with <see cref="Transitions"/>.</summary>
public sealed partial class StateTransitionTests
{
    // The values that statements assign by a parameter.
    private static readonly Dictionary<string, string[]> Parameters = new() { ["@status"] = ["ready", "completed", "stopped", "failed"] };

    private static readonly string[] Jobs = [.. Transitions.OfJobs.Select(change => Pair(Word(change.From), Lower(change.To.ToString())))];
    private static readonly string[] Lanes = [
        .. Transitions.OfLanes.Select(change => Pair(Word(change.From), Lower(change.To.ToString())))];

    [Fact]
    public void The_diagrams_in_the_docs_show_the_allowed_transitions_and_no_others()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var diagrams = Diagram().Matches(text)
            .Select(diagram => Arrow().Matches(diagram.Value)
                .Select(arrow => Pair(arrow.Groups["from"].Value, arrow.Groups["to"].Value)).Distinct().Order())
            .ToList();
        Assert.Equal(2, diagrams.Count);
        Assert.Equal(Jobs.Order(), diagrams[0]);
        Assert.Equal(Lanes.Order(), diagrams[1]);
    }

    [Fact]
    public void No_transition_stands_in_the_tables_twice()
    {
        Assert.Distinct(Jobs);
        Assert.Distinct(Lanes);
    }

    [Fact]
    public void Every_statement_that_changes_a_state_names_the_states_before_it_and_makes_an_allowed_change()
    {
        var changes = Sources("*.sql", "*.cs").SelectMany(source => SqlChanges(source.Text, source.Name)).ToList();
        // Another number of changes means that the patterns no longer match the intended statements.
        Assert.InRange(changes.Count, 8, 100);
        Assert.All(changes, Check);
    }

    [Fact]
    public void So_does_every_update_through_Entity_Framework()
    {
        var changes = Sources("*.cs").SelectMany(source => ModelChanges(source.Text, source.Name)).ToList();
        Assert.InRange(changes.Count, 7, 100);
        Assert.All(changes, Check);
    }

    private static void Check(Change change)
    {
        Assert.True(change.From.Length > 0, $"{change.Source}: the statement does not say which states it changes.");
        Assert.True(change.To.Length > 0, $"{change.Source}: cannot tell the state that the statement sets.");
        var allowed = change.OfJobs ? Jobs : Lanes;
        foreach (var pair in change.From.SelectMany(from => change.To.Select(to => (From: from, To: to))))
        {
            // Retention locks a job that may have that state already. An expired job is an import and does not become cancelled.
            if (change.Source == "JobRetention.cs" && (pair.From == pair.To || pair == ("expired", "cancelled"))) continue;
            Assert.True(allowed.Contains(Pair(pair.From, pair.To)), $"{change.Source}: {pair.From} → {pair.To} is not in the table.");
        }
    }

    private static IEnumerable<Change> SqlChanges(string text, string source) =>
        from Match update in Update().Matches(text)
        let statement = ToEnd(text[update.Index..])
        let alias = update.Groups["alias"].Value
        let inside = Conditions(statement[(update.Length - 1)..], alias)
        select new Change(
            source,
            update.Groups["table"].Value == "jobs",
            inside.Length > 0 ? inside : Conditions(text, alias),
            Assigned(update.Groups["value"].Value.Trim(), text));

    // Finds the words that a statement assigns: a word, the branches of a case, a parameter, or a column of a derived table with a case.
    private static string[] Assigned(string value, string text)
    {
        if (Parameters.TryGetValue(value, out var values)) return values;
        if (value.EndsWith(".status", StringComparison.Ordinal)) value = StatusCase().Match(text).Value;
        if (value.StartsWith('\'')) return [value.Trim('\'')];
        return [.. Branch().Matches(value).Select(branch => branch.Groups["word"].Value).Distinct()];
    }

    private static string[] Conditions(string text, string alias)
    {
        var column = alias.Length > 0 ? $@"\b{alias}\." : @"(?<![.@\w])(?<!set )";
        return [.. Regex.Matches(text, column + @"status (?:= '(?<word>\w+)'|in \((?<list>[^)]*)\))")
            .SelectMany(condition => condition.Groups["word"].Success
                ? [condition.Groups["word"].Value]
                : condition.Groups["list"].Value.Split(',', StringSplitOptions.TrimEntries).Select(word => word.Trim('\'')))
            .Distinct()];
    }

    // The statement ends at its semicolon, at its returning clause, or at the parenthesis that closes it.
    private static string ToEnd(string text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            if (text[i] == ')' && --depth < 0) return text[..i];
            if (text[i] is ';' or '"' || (depth == 0 && text[i..].StartsWith("returning", StringComparison.Ordinal))) return text[..i];
        }

        return text;
    }

    private static IEnumerable<Change> ModelChanges(string text, string source) =>
        from Match set in SetStatus().Matches(text)
        let statement = text[(text.LastIndexOf(';', set.Index) + 1)..set.Index]
        let type = set.Groups["type"].Value
        let before = Regex.Matches(statement, $@"Status == {type}\.(?<word>\w+)").Select(match => Lower(match.Groups["word"].Value))
        select new Change(source, type == nameof(JobStatus), [.. before.Distinct()], [Lower(set.Groups["word"].Value)]);

    private static IEnumerable<(string Name, string Text)> Sources(params string[] patterns) =>
        from pattern in patterns
        from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), pattern, SearchOption.AllDirectories)
        where !path.Split(Path.DirectorySeparatorChar).Any(folder => folder is "obj" or "bin" or "Migrations")
        select (Path.GetFileName(path), File.ReadAllText(path));

    private static string Word<TStatus>(TStatus? status)
        where TStatus : struct, Enum => status is { } known ? Lower(known.ToString()) : "[*]";

    private static string Pair(string from, string to) => $"{from} → {to}";

    private static string Lower(string word) => word.ToLowerInvariant();

    private sealed record Change(string Source, bool OfJobs, string[] From, string[] To);

    [GeneratedRegex(@"stateDiagram-v2.*?```", RegexOptions.Singleline)]
    private static partial Regex Diagram();

    [GeneratedRegex(@"^ +(?<from>\[\*\]|\w+) --> (?<to>\w+)", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(
        @"update (?<table>jobs|lanes)\b(?: (?<alias>(?!set\b)\w+))?\s+set status = (?<value>.+?)(?:,\s|\s(?=where|from))",
        RegexOptions.Singleline)]
    private static partial Regex Update();

    [GeneratedRegex(@"case\s+when.*end(?= as status)", RegexOptions.Singleline)]
    private static partial Regex StatusCase();

    [GeneratedRegex(@"(?:then|else) '(?<word>\w+)'")]
    private static partial Regex Branch();

    [GeneratedRegex(@"\.SetProperty\(\w+ => \w+\.Status, (?<type>JobStatus|LaneStatus)\.(?<word>\w+)\)")]
    private static partial Regex SetStatus();
}
