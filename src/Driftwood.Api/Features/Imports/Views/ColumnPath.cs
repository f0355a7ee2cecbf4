namespace Driftwood.Api.Features.Imports.Views;

/// <summary>Paths of members that are named after columns.</summary>
internal static class ColumnPath
{
    private const int MaxLength = 200;

    /// <summary>The path of a column's member. A long name is cut.</summary>
    public static string Of(string member, string column) => $"{member}.{(column.Length > MaxLength ? column[..MaxLength] : column)}";
}
