using System.Text.Json;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>A bad column of a failed row beside its first one, as it is stored.</summary>
/// <param name="Column">The column's name; null if the whole row is at fault.</param>
/// <param name="Field">The field that the column is mapped to.</param>
/// <param name="Code">A stable word.</param>
/// <param name="Message">The expected value, in words for people.</param>
/// <param name="Value">The cell, cut to 500 characters.</param>
public sealed record BadColumn(string? Column, string? Field, string Code, string Message, string? Value);

/// <summary>The faults of a failed row in one text.</summary>
public static class RowFaultText
{
    /// <summary>Reads the other bad columns from their stored form.</summary>
    public static List<BadColumn> Also(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<List<BadColumn>>(json, EngineJson.Options) ?? [];

    /// <summary>The messages of all bad columns, each after its column's name.</summary>
    /// <param name="column">The name of the first bad column; null if the whole row is at fault.</param>
    /// <param name="message">Its message.</param>
    /// <param name="also">The other bad columns in their stored form.</param>
    public static string Of(string? column, string message, string? also) =>
        string.Join(' ', Also(also).Select(bad => Of(bad.Column, bad.Message)).Prepend(Of(column, message)));

    private static string Of(string? column, string message) => column is null ? message : $"{column}: {message}";
}
