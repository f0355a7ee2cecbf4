using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Driftwood.Api.Platform.Errors;
using Driftwood.Engine.Faults;

namespace Driftwood.Tests.Platform;

/// <summary>Compares the lists of codes with the source that uses them and with docs/errors.md.</summary>
public sealed partial class ErrorCodesTests
{
    private static readonly IReadOnlyDictionary<string, string> Source =
        Repository.List("src", "*.cs").Concat(Repository.List("src", "*.sql")).ToDictionary(file => file, Repository.Read);

    [Fact]
    public void Names_are_unique() => Assert.Equal(ErrorCodes.All.Count(), ErrorCodes.All.Select(code => code.Name).Distinct().Count());

    [Fact]
    public void Every_error_code_is_used()
    {
        var used = Find(ErrorCode(), "src/Driftwood.Api").Select(Snake).Concat(FileCodes()).ToHashSet();

        Assert.Equal(ErrorCodes.All.Select(code => code.Name).Order(), used.Order());
    }

    [Fact]
    public void Every_code_of_a_detail_is_listed() => Assert.Empty(
        Find(DetailCode(), "src/Driftwood.Api/")
            .Concat(Find(SwitchArm(), "src/Driftwood.Api/Platform/Rpc/ValidationFilter.cs"))
            .Concat(Find(SwitchArm(), "src/Driftwood.Api/Platform/Requests/ShapeReader.cs"))
            .Except(DetailCodes.Meanings.Keys));

    [Fact]
    public void Every_code_of_a_fault_is_listed() => Assert.Empty(
        Find(FaultCode(), "src/Driftwood.Engine/").Except(FaultCodes.Meanings.Keys));

    [Fact]
    public void Every_listed_code_of_a_detail_is_used()
    {
        var code = string.Concat(Source.Where(file => !file.Key.EndsWith("Codes.cs", StringComparison.Ordinal)).Select(file => file.Value));

        Assert.DoesNotContain(DetailCodes.Meanings.Keys, name => !Regex.IsMatch(code, $"[\"']{name}[\"']"));
    }

    /// <summary>With DRIFTWOOD_WRITE_DOCS=1 in the environment, the test writes the document instead.</summary>
    [Fact]
    public void The_document_is_the_lists()
    {
        var document = Render();
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_WRITE_DOCS") == "1")
            File.WriteAllText(Path.Combine(Repository.Root, "docs", "errors.md"), document);

        Assert.Equal(document, Repository.Read("docs/errors.md"));
    }

    private static IEnumerable<string> FileCodes() => Find(FileCode(), "src/Driftwood.Engine/Files/")
        .Concat(Find(FileCode(), "src/Driftwood.Api/Features/Imports/"));

    private static IEnumerable<string> Find(Regex pattern, string folder) => Source
        .Where(file => file.Key.StartsWith(folder, StringComparison.Ordinal) && !file.Key.EndsWith("Codes.cs", StringComparison.Ordinal))
        .SelectMany(file => pattern.Matches(file.Value))
        .Select(match => match.Groups["code"].Value)
        .Distinct();

    private static string Snake(string name) => Capital().Replace(name, "_$0").TrimStart('_').ToLowerInvariant();

    private static string Render()
    {
        var text = new StringBuilder(
            """
            # Errors

            Every refusal is `{"ok": false, "error": {code, message, details, request_id}}`. Programs read `code`, people read `message`.
            Both lists are made from the source (`ErrorCodes`, `DetailCodes`, `FaultCodes`); a test compares them.

            ## Codes of an error

            | Status | Code | Meaning | What to do |
            |---|---|---|---|

            """);
        foreach (var code in ErrorCodes.All)
            text.Append(CultureInfo.InvariantCulture, $"| {code.Status} | `{code.Name}` | {code.Meaning} | {code.Advice} |\n");
        text.Append(
            """

            ## Codes of details, rows and items

            An entry of `details` has a `field` (the path of the member), a `code`, a `message` that says what was found and what was
            expected, and `accepted` where that is a list: correct the member and send the request again. A row of an import that failed
            (`imports-errors`) and an item or record of a bulk job that failed (`bulk-jobs-results`) have the same codes: correct the
            rows, which `imports-errors-csv` gives as a file, and import that file.

            | Code | Meaning |
            |---|---|

            """);
        foreach (var (code, meaning) in DetailCodes.Meanings) text.Append(CultureInfo.InvariantCulture, $"| `{code}` | {meaning} |\n");
        return text.ToString();
    }

    [GeneratedRegex(@"\bErrorCodes\.(?<code>[A-Z]\w+)\b(?!\()")]
    private static partial Regex ErrorCode();

    [GeneratedRegex("""UnreadableFileException(?:\(\s*| Broken[^"]*)"(?<code>[a-z_]+)",""")]
    private static partial Regex FileCode();

    [GeneratedRegex("""(?:\bWithErrorCode\(|\b(?:Fault|Fail|Validation|Add)\(\s*[^,;]*?,\s*)"(?<code>[a-z]+(?:_[a-z]+)*)"(?:\)|,\s)""")]
    private static partial Regex DetailCode();

    [GeneratedRegex("""=> "(?<code>[a-z_]+)["]""")]
    private static partial Regex SwitchArm();

    [GeneratedRegex("""\bFault(?:\(| \w+(?:\([^)]*\))?\s*=>?\s*new\()(?:[^,;"()]*,\s*)?"(?<code>[a-z]+(?:_[a-z]+)+)",\s""")]
    private static partial Regex FaultCode();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
