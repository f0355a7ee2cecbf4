namespace Driftwood.Engine.Files.Preview;

/// <summary>Warnings by code: the first case of each, and how many there are.</summary>
internal sealed class WarningList
{
    private readonly Dictionary<string, FileWarning> _byCode = [];

    public void Add(string code, long line, string message, long count = 1) =>
        _byCode[code] = _byCode.TryGetValue(code, out var first)
            ? first with { Count = first.Count + count }
            : new FileWarning(code, line, count, message);

    /// <summary>Adds a case whose message stands beside those of the cases before it, because each tells something else.</summary>
    public void Append(string code, long line, string message) =>
        _byCode[code] = _byCode.TryGetValue(code, out var first)
            ? first with { Count = first.Count + 1, Message = $"{first.Message} {message}" }
            : new FileWarning(code, line, 1, message);

    public List<FileWarning> ToList() => [.. _byCode.Values.OrderBy(warning => warning.Line)];
}
