namespace Driftwood.Data;

/// <summary>Functions of the database that measure stored JSON and text. Only queries can call them.</summary>
public static class StoredTexts
{
    /// <summary>The bytes that a value takes in its table, compressed or not. The value itself is not read.</summary>
    public static int Size(string? stored) => throw OnlyInQueries();

    /// <summary>The value as text: JSON has no length of its own.</summary>
    public static string Text(string? stored) => throw OnlyInQueries();

    private static InvalidOperationException OnlyInQueries() => new("Only a query can call this.");
}
