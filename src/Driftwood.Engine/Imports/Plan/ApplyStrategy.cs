using Driftwood.Engine.Records.FieldTypes;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>How rows that match no record become records.</summary>
internal enum NewRows
{
    /// <summary>The rows are skipped or fail.</summary>
    None,

    /// <summary>The rows are copied straight into the records' table, without the stage.</summary>
    Copy,

    /// <summary>The rows are inserted from the stage after it is checked.</summary>
    Stage,

    /// <summary>A dry run stores the record in its state.</summary>
    Remember,
}

/// <summary>How rows that match a record are handled.</summary>
internal enum MatchedRows
{
    /// <summary>No rows match.</summary>
    None,

    /// <summary>The rows are skipped without further checks.</summary>
    Skip,

    /// <summary>The rows are skipped, except that a row that matches several records fails.</summary>
    SkipOrFail,

    /// <summary>One statement matches and changes records. If it does not change all, the remaining rows are matched first.</summary>
    UpdateByKey,

    /// <summary>Rows are matched, then their records are changed. The number of changed records shows whether all still match.</summary>
    Update,

    /// <summary>Rows are matched and their records locked before the checks; then the records are changed.</summary>
    LockAndUpdate,

    /// <summary>A dry run stores the change in its state.</summary>
    Remember,
}

/// <summary>Which rows of a chunk wait for earlier rows, in a later wave.</summary>
internal enum RowOrder
{
    /// <summary>Rows that share a match key or a unique value.</summary>
    ByKey,

    /// <summary>Rows that repeat a match key. They are applied together, after the first row with the key.</summary>
    RepeatsTogether,

    /// <summary>
    /// Rows that share a match key, a unique value, or a record that has one of them, directly or through other rows.
    /// </summary>
    Linked,
}

/// <summary>Whether the import's lanes run at the same time.</summary>
internal enum LaneUse
{
    /// <summary>One lane applies all rows in file order.</summary>
    One,

    SideBySide,

    /// <summary>Lane 0 first scans the file for keys that compete for a value; then the lanes run side by side.</summary>
    AfterScan,
}

/// <summary>One choice, with its reason as a sentence for people.</summary>
internal readonly record struct Choice<T>(T Value, string Reason)
    where T : struct, Enum;

/// <summary>How an import's rows are applied: the fastest way that its settings and fields allow, chosen once.</summary>
internal sealed record ApplyStrategy(Choice<NewRows> New, Choice<MatchedRows> Matched, Choice<RowOrder> Order, Choice<LaneUse> Lanes)
{
    public static ApplyStrategy Of(ImportPlan plan) => new(OfNew(plan), OfMatched(plan), OfOrder(plan), OfLanes(plan));

    private static Choice<NewRows> OfNew(ImportPlan plan) => plan switch
    {
        { Match.Field.Kind: FieldKind.Id } => new(NewRows.None, "Only Driftwood gives ids, so a row whose id is unknown fails."),
        { CreatesRecords: false } => new(NewRows.None, "The mode skips rows that match no record."),
        { IsDryRun: true } => new(NewRows.Remember, "A dry run writes no record."),
        { MatchesOnSeveral: true } => new(NewRows.Stage, "A row is matched on the first of several fields in which it has a value."),
        { NumbersRecords: true } => new(NewRows.Stage, "The record's name is a number, which may be taken."),
        { Company: not null } => new(NewRows.Stage, "The company that the row names is looked up first."),
        { OtherUnique.Count: > 0 } => new(NewRows.Stage, "Another record may have one of the row's other unique values."),
        { Missing: not null } => new(NewRows.Stage, "The row lacks a required field, so it fails unless it matches."),
        { Match.Field.KeyColumn: null } => new(NewRows.Stage, "The match key stands in unique_values, beside the record."),
        { Tags: not null, AddTags.Names.Count: > 0 } => new(NewRows.Stage, "The row's tags and the job's may be too many together."),
        _ when plan.Own.Any(column => column.Field is not { SqlType: "text", UniqueId: null }) =>
            new(NewRows.Stage, "A staged value is text that must be cast, or is kept in unique_values too."),
        _ when plan.Custom.Any(column => column.Field.MatchKey is not null) =>
            new(NewRows.Stage, "A custom value is kept in unique_values too."),
        _ when plan.Columns.Any(column => column.OnCreate is not null) =>
            new(NewRows.Stage, "A blank cell has a value where the row creates a record."),
        _ => new(NewRows.Copy, "Only a match keeps the row from creating a record, and its staged values are the record's."),
    };

    private static Choice<MatchedRows> OfMatched(ImportPlan plan) => plan switch
    {
        { Match: null } => new(MatchedRows.None, "Rows are not matched."),
        { UpdatesMatches: false, MatchesOnSeveral: true } =>
            new(MatchedRows.SkipOrFail, "Matches are left alone, but several records may have one of the keys."),
        { UpdatesMatches: false, Match.Field.Unique: true } => new(MatchedRows.Skip, "Matches are left alone, and one record has the key."),
        { UpdatesMatches: false } => new(MatchedRows.SkipOrFail, "Matches are left alone, but several records may have the key."),
        { IsDryRun: true } => new(MatchedRows.Remember, "A dry run writes no record."),
        { MatchesOnSeveral: true } =>
            new(MatchedRows.LockAndUpdate, "A change may take from its record a key that other rows are matched on."),
        { Match.Field: { KeyColumn: null, Kind: not FieldKind.Id } } =>
            new(MatchedRows.LockAndUpdate, "The match key stands in unique_values, and only a lock on its record keeps it there."),
        { Company: not null } => new(MatchedRows.LockAndUpdate, "Companies are locked next, and all writers lock contacts before them."),
        { NeedsAnyOf: true } => new(MatchedRows.LockAndUpdate, "A check reads whether the record keeps one of the fields it needs."),
        { Merges: true, StagesTags: true } => new(MatchedRows.LockAndUpdate, "A check counts the record's tags with the row's."),
        _ => OfUpdates(plan),
    };

    private static Choice<MatchedRows> OfUpdates(ImportPlan plan) => plan switch
    {
        { Match.Field.Kind: FieldKind.Id } => new(MatchedRows.Update, "A row whose id is unknown fails."),
        { Match.Field.Unique: false } => new(MatchedRows.Update, "Several records may have the key, which is a fault."),
        { StagesTags: true } => new(MatchedRows.Update, "A check counts the row's tags."),
        { OtherUnique.Count: > 0 } => new(MatchedRows.Update, "Another record may have one of the row's other unique values."),
        _ when plan.Type.UniqueValueFields.Any(field => !field.IsReadOnly) =>
            new(MatchedRows.Update, "The record may give up values in unique_values."),
        _ when plan.Columns.Any(column => column.Field.Kind == FieldKind.Reference) =>
            new(MatchedRows.Update, "A check looks for the record that a reference points to."),
        { Clears: true } when plan.Missing is not null || plan.Columns.Any(column => column.Field.Required) =>
            new(MatchedRows.Update, "The row may blank a required field."),
        _ => new(MatchedRows.UpdateByKey, "A row with the key changes the record, and no check reads or refuses it."),
    };

    private static Choice<RowOrder> OfOrder(ImportPlan plan) => plan switch
    {
        { UpdatesMatches: true, MatchesOnSeveral: true } =>
            new(RowOrder.Linked, "Rows of different keys may change one record, and so the keys that later rows are matched on."),
        { UpdatesMatches: true, OtherUnique.Count: > 0 } =>
            new(RowOrder.Linked, "A change may give up a unique value that an earlier row, or none, gave the record."),
        { UpdatesMatches: true } => new(RowOrder.ByKey, "Each repeat of a key changes the record again."),
        { Match: null } or { CreatesRecords: false } => new(RowOrder.ByKey, "A repeated key changes nothing."),
        { MatchesOnSeveral: true } => new(RowOrder.ByKey, "Another row may have one of the row's keys beside a key that comes first."),
        { NumbersRecords: true } or { WritesCompanies: true } or { OtherUnique.Count: > 0 } or { Missing: not null } =>
            new(RowOrder.ByKey, "The first row of a key may fail in the database; then the second creates the record."),
        { Tags: not null, AddTags.Names.Count: > 0 } => new(RowOrder.ByKey, "The first row of a key may have too many tags."),
        _ when plan.Type.AnyOf.Count > 0 && !plan.Type.AnyOf.Contains(plan.Match.Field.Key) =>
            new(RowOrder.ByKey, "The first row of a key may lack all fields of which a record needs one."),
        _ when plan.Columns.Any(column => column != plan.Match && column.Field is { Required: true } or { Kind: FieldKind.Reference }) =>
            new(RowOrder.ByKey, "The first row of a key may lack a required field, or point to no record."),
        _ => new(RowOrder.RepeatsTogether, "The first row of a key cannot fail, so the others are skipped, however many."),
    };

    private static Choice<LaneUse> OfLanes(ImportPlan plan) => plan switch
    {
        { MakesCompanies: true } => new(LaneUse.One, "Rows of all keys find the companies that an earlier row made."),
        { ChangesCompanies: true } => new(LaneUse.One, "Rows of all keys change the same companies."),
        { MatchesOnSeveral: true } => new(LaneUse.One, "Rows of different keys may match one record."),
        { OtherUnique.Count: > 0 } => new(LaneUse.AfterScan, "Rows of different match keys may contend for another unique value."),
        _ => new(LaneUse.SideBySide, "Rows of different match keys leave each other alone."),
    };
}
