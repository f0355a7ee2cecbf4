using System.Collections.Concurrent;

namespace Driftwood.Engine.Postgres;

/// <summary>The statements in files beside their users, by file name without the ending.</summary>
internal static class SqlText
{
    private static readonly ConcurrentDictionary<string, string> Texts = new();

    /// <exception cref="InvalidOperationException">No such file was embedded.</exception>
    public static string Of(string name) => Texts.GetOrAdd(name, static key =>
    {
        using var stream = typeof(SqlText).Assembly.GetManifestResourceStream(key)
            ?? throw new InvalidOperationException($"No SQL is embedded under the name {key}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });
}
