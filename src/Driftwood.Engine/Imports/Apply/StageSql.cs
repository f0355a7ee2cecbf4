using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The temporary table <c>stage</c> that a chunk is copied into, and the sets its rows fall into. <c>@wave</c> picks the rows
/// that may be applied as a set; they are marked with the record they match and with the fault that keeps them from being
/// applied.
/// </summary>
internal sealed class StageSql(ImportPlan plan)
{
    public const string InWave = "s.wave = @wave";

    /// <summary>Rows without a fault, as far as is known by then.</summary>
    public const string Sound = "s.wave = @wave and s.fault is null";

    /// <summary>Sound rows that match no record.</summary>
    public const string Created = $"{Sound} and s.match_id is null";

    /// <summary>Sound rows that match one.</summary>
    public const string Changed = $"{Sound} and s.match_id is not null";

    public const string Faults = $"select s.seq, s.fault, s.fault_field from stage s where {InWave} and s.fault is not null";

    /// <summary>Rows that will be written, created or updated.</summary>
    public string Writes => plan switch
    {
        { UpdatesMatches: true, CreatesRecords: true } => Sound,
        { UpdatesMatches: true } => Changed,
        { CreatesRecords: true } => Created,
        _ => "false",
    };

    /// <summary>How many sound rows of the wave are to create a record, how many to update one, and how many neither.</summary>
    public string Outcomes => $"""
        select count(*) filter (where s.match_id is null and ({Writes})), count(*) filter (where s.match_id is not null and ({Writes})),
               count(*) filter (where not ({Writes}))
        from stage s where {Sound}
        """;

    /// <summary>A column's staged value as the record's table has it.</summary>
    public static string Value(MappedColumn column) =>
        column.Field.SqlType == "text" ? "s." + column.Value : $"s.{column.Value}::{column.Field.SqlType}";
}
