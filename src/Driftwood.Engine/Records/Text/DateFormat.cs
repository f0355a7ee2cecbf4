using System.Text.Json.Serialization;

namespace Driftwood.Engine.Records.Text;

/// <summary>
/// The order of day, month and year in dates written with numbers. Unambiguous dates (the year first, or the month by its
/// name) are read in every format.
/// </summary>
public enum DateFormat
{
    /// <summary>1990-02-28.</summary>
    [JsonStringEnumMemberName("yyyy-mm-dd")]
    YearMonthDay,

    /// <summary>28-02-1990.</summary>
    [JsonStringEnumMemberName("dd-mm-yyyy")]
    DayMonthYear,

    /// <summary>02-28-1990.</summary>
    [JsonStringEnumMemberName("mm-dd-yyyy")]
    MonthDayYear,
}
