using System.Text.Json.Serialization;

namespace Driftwood.Engine.Records.Text;

/// <summary>
/// In which order day, month and year stand in dates written with numbers. What cannot be read two ways (the year first,
/// or the month by its name) is read in every format.
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
