using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Transforms;

/// <summary>A change of a cell's text, before the text is read as a value of its field. The kinds are a closed list.</summary>
public sealed class Transform
{
    /// <summary>The most transforms of a column.</summary>
    public const int Max = 20;

    /// <summary>The most characters of a parameter.</summary>
    public const int MaxText = 500;

    private static readonly string[] Parts = ["first", "last"];

    private static readonly Dictionary<string, Kind> Kinds = new()
    {
        ["trim"] = new([], [], _ => Blank.Trim),
        ["collapse"] = new([], [], _ => TextChanges.Collapse),
        ["upper"] = new([], [], _ => text => text.ToUpperInvariant()),
        ["lower"] = new([], [], _ => text => text.ToLowerInvariant()),
        ["title"] = new([], [], _ => TextChanges.Title),
        ["strip_prefix"] = new(["text"], [], StripPrefix),
        ["replace"] = new(["find", "with"], [], Replace),
        ["split"] = new(["on", "nth"], [], Split),
        ["split_name"] = new(["part"], [], given => given.Text("part") == Parts[0] ? PersonName.First : PersonName.Last),
        ["concat"] = new(["column"], ["separator"], _ => text => text),
        ["url_domain"] = new([], [], _ => text => MatchKeys.Of(MatchKeyKind.Domain, text) ?? ""),
        ["phone"] = new(["country"], [], Phone),
    };

    private readonly Func<string, string> _change;
    private readonly int? _otherColumn;
    private readonly string _separator;

    private Transform(Func<string, string> change, int? otherColumn, string separator) =>
        (_change, _otherColumn, _separator) = (change, otherColumn, separator);

    /// <summary>The names of the transforms.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Kinds.Keys];

    /// <summary>Reads a list of transforms. Each is a name, or an object with the name and its parameters.</summary>
    /// <param name="given">The list: <c>["title", {"name": "split", "on": "/", "nth": 1}]</c>.</param>
    /// <param name="headers">The columns of the file.</param>
    /// <param name="faults">Gets what is wrong, with paths that begin below the list.</param>
    internal static IReadOnlyList<Transform> ReadAll(JsonElement given, IReadOnlyList<string> headers, ICollection<Fault> faults)
    {
        if (given.ValueKind != JsonValueKind.Array)
        {
            faults.Add(new Fault("", "wrong_type", $"Found {JsonText.KindOf(given)}, expected an array of transforms."));
            return [];
        }

        if (given.GetArrayLength() > Max)
        {
            faults.Add(new Fault("", "out_of_range", $"Found {given.GetArrayLength()} transforms, expected at most {Max}."));
            return [];
        }

        List<Transform> transforms = [];
        foreach (var (place, element) in given.EnumerateArray().Index())
        {
            if (Read(element, headers, out var fault) is { } transform) transforms.Add(transform);
            else faults.Add(fault! with { Path = fault.Path.Length > 0 ? $"[{place}].{fault.Path}" : $"[{place}]" });
        }

        return transforms;
    }

    /// <summary>The text after the change.</summary>
    /// <param name="text">The text. It may be blank.</param>
    /// <param name="columns">The texts of the row's other columns.</param>
    internal string Apply(string text, Func<int, string> columns)
    {
        if (_otherColumn is not { } other) return text.Length == 0 ? text : _change(text);
        var more = columns(other);
        return text.Length == 0 ? more : more.Length == 0 ? text : text + _separator + more;
    }

    private static Transform? Read(JsonElement given, IReadOnlyList<string> headers, out Fault? fault)
    {
        var isName = given.ValueKind == JsonValueKind.String;
        if (!isName && given.ValueKind != JsonValueKind.Object)
        {
            fault = new Fault("", "wrong_type", $"Found {JsonText.KindOf(given)}, expected the name of a transform, or an object.");
            return null;
        }

        JsonElement word = default;
        if (!isName && (!given.TryGetProperty("name", out word) || word.ValueKind != JsonValueKind.String))
        {
            fault = new Fault("name", "required", "Expected the name of a transform.", Names);
            return null;
        }

        var name = JsonText.String(isName ? given : word);
        if (!Kinds.TryGetValue(name, out var kind))
        {
            fault = new Fault(isName ? "" : "name", "invalid_choice", "There is no such transform.", Names);
            return null;
        }

        var parameters = new Parameters(given);
        fault = parameters.FindFault(kind, headers);
        if (fault is not null) return null;
        int? other = name == "concat" ? headers.ToList().IndexOf(parameters.Text("column")) : null;
        return new Transform(kind.Make(parameters), other, parameters.Has("separator") ? parameters.Text("separator") : " ");
    }

    private static Func<string, string> StripPrefix(Parameters given)
    {
        var prefix = given.Text("text");
        return text => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
    }

    private static Func<string, string> Replace(Parameters given)
    {
        var (find, with) = (given.Text("find"), given.Text("with"));
        return text => text.Replace(find, with, StringComparison.Ordinal);
    }

    private static Func<string, string> Split(Parameters given)
    {
        var (on, nth) = (given.Text("on"), given.Number("nth"));
        return text => TextChanges.Split(text, on, nth);
    }

    private static Func<string, string> Phone(Parameters given)
    {
        var country = given.Text("country").ToUpperInvariant();
        return text => TextChanges.Phone(text, country);
    }

    private sealed record Kind(string[] Required, string[] Optional, Func<Parameters, Func<string, string>> Make);

    private readonly struct Parameters(JsonElement given)
    {
        public bool Has(string name) => given.ValueKind == JsonValueKind.Object && given.TryGetProperty(name, out _);

        public string Text(string name) => JsonText.String(given.GetProperty(name));

        public int Number(string name) => given.GetProperty(name).GetInt32();

        public Fault? FindFault(Kind kind, IReadOnlyList<string> headers)
        {
            string[] known = [.. kind.Required, .. kind.Optional];
            if (given.ValueKind == JsonValueKind.Object)
            {
                var members = given.EnumerateObject().Select(member => member.Name);
                if (members.FirstOrDefault(member => member != "name" && !known.Contains(member)) is { } unknown)
                    return new Fault(unknown, "unknown_member", "There is no such member.", ["name", .. known]);
            }

            foreach (var name in known)
            {
                var fault = Has(name) ? FindFault(name, given.GetProperty(name), headers)
                    : kind.Required.Contains(name) ? new Fault(name, "required", "Missing.")
                    : null;
                if (fault is not null) return fault;
            }

            return null;
        }

        private static Fault? FindFault(string name, JsonElement value, IReadOnlyList<string> headers)
        {
            if (name == "nth")
            {
                return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var nth) && nth != 0 && nth != int.MinValue
                    ? null
                    : new Fault(name, "out_of_range", "Expected the number of a part: 1 is the first, -1 the last.");
            }

            if (value.ValueKind != JsonValueKind.String)
                return new Fault(name, "wrong_type", $"Found {JsonText.KindOf(value)}, expected a string.");
            var text = JsonText.String(value);
            return name switch
            {
                _ when text.Length > MaxText => new Fault(name, "too_long", $"Expected at most {MaxText} characters."),
                "with" or "separator" => null,
                "part" => Parts.Contains(text) ? null : new Fault(name, "invalid_choice", "Expected a part of a name.", Parts),
                "column" => headers.Contains(text) ? null : new Fault(name, "unknown_column", "The file has no such column."),
                "country" => PhoneCountries.IsKnown(text.ToUpperInvariant())
                    ? null
                    : new Fault(name, "invalid_choice", "Expected the two letters of a country, such as DE.", PhoneCountries.All),
                _ => text.Length > 0 ? null : new Fault(name, "required", "Expected a text that is not empty."),
            };
        }
    }
}
