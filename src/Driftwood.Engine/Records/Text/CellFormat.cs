namespace Driftwood.Engine.Records.Text;

/// <summary>
/// How a source writes dates and numbers. The default is the format of requests: the year first, a decimal point.
/// </summary>
/// <param name="Dates">The order of the parts of a date.</param>
/// <param name="DecimalComma">Decimals have a comma; a point only separates thousands.</param>
public readonly record struct CellFormat(DateFormat Dates, bool DecimalComma);
