namespace Driftwood.Engine.Files;

/// <summary>Names of files that tell of an uploaded file.</summary>
public static class FileNames
{
    /// <summary>The name or path of an upload without what says its kind: leads.csv.gz → leads.</summary>
    public static string Stem(string upload)
    {
        var name = upload.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? upload[..^3] : upload;
        return name[..^Path.GetExtension(name).Length];
    }

    /// <summary>Whether the name or path of an upload says that it is JSON, such as leads.jsonl or leads.json.gz.</summary>
    public static bool IsJson(string upload)
    {
        var name = upload.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? upload[..^3] : upload;
        return Path.GetExtension(name).ToLowerInvariant() is ".json" or ".jsonl" or ".ndjson";
    }
}
