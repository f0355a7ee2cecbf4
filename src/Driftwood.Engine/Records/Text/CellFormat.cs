namespace Driftwood.Engine.Records.Text;

/// <summary>
/// How dates and numbers are written where a value comes from. The default is that of requests: the year first, a decimal point.
/// </summary>
/// <param name="Dates">In which order the parts of a date stand.</param>
/// <param name="DecimalComma">Decimals have a comma; a point then only separates thousands.</param>
public readonly record struct CellFormat(DateFormat Dates, bool DecimalComma);
