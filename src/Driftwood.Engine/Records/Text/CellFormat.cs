namespace Driftwood.Engine.Records.Text;

/// <summary>
/// How a source writes its values. The default is the format of requests: the year first, a decimal point, and nothing that only
/// files have.
/// </summary>
/// <param name="Dates">The order of the parts of a date.</param>
/// <param name="DecimalComma">Decimals have a comma; a point only separates thousands.</param>
public readonly record struct CellFormat(DateFormat Dates, bool DecimalComma)
{
    /// <summary>
    /// The values are cells of a file. Programs write <c>="000123"</c>, dates of zeros and dates without a year there, and a cell that
    /// cannot be stored as it is may be kept with a warning.
    /// </summary>
    public bool IsFile { get; init; }

    /// <summary>Cells with several values, separated by <c> ::: </c>, may have any text. The first value is taken.</summary>
    public bool TakesFirst { get; init; }

    /// <summary>Cells that stand for no value; null if there are none.</summary>
    public NullMarkers? NullValues { get; init; }

    /// <summary>Years below it are in the 2000s and the others in the 1900s, 0 to 99; null if two digits are no year.</summary>
    public int? TwoDigitYears { get; init; }

    /// <summary>The country of phone numbers without a country code, as in ISO 3166; null if they stay as they are.</summary>
    public string? PhoneCountry { get; init; }
}
