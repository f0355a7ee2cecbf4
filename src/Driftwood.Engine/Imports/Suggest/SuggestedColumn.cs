namespace Driftwood.Engine.Imports.Suggest;

/// <summary>The field that a column of a file seems to hold.</summary>
/// <param name="Header">The header of the column in the file.</param>
/// <param name="Field">The key of a field, or null if no field fits.</param>
/// <param name="Confidence">
/// 1 for the field's own name, 0.9 to 0.7 for one of its other names, 0.6 for a name with a typing error, 0.4 for values that
/// look like it, 0 for none.
/// </param>
public sealed record SuggestedColumn(string Header, string? Field, double Confidence)
{
    /// <summary>The confidence of a suggestion that a column's name alone justifies.</summary>
    private const double CertainName = 0.8;

    /// <summary>Whether the suggestion needs nobody to look at it.</summary>
    public bool IsCertain => Confidence >= CertainName;
}
