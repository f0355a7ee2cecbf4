namespace Driftwood.Tests.Engine.Bulk;

/// <summary>One combination of operation, selection and family for a bulk job without items.</summary>
/// <param name="Operation">delete, update, tag, or <c>tag set</c>.</param>
/// <param name="Selection">entity_ids, external_ids, filter or query.</param>
/// <param name="Family">One of <see cref="RandomTypes.Families"/>.</param>
internal sealed record BulkCell(string Operation, string Selection, string Family)
{
    public const string SetTags = "tag set";

    private static readonly string[] Operations = ["delete", "update", "tag", SetTags];
    private static readonly string[] Selections = ["entity_ids", "external_ids", "filter", "query"];

    public static IReadOnlyList<BulkCell> All { get; } =
        [.. from operation in Operations from selection in Selections from family in RandomTypes.Families select new BulkCell(
            operation, selection, family)];

    /// <summary>Consecutive seeds go through all cells.</summary>
    public static BulkCell OfSeed(int seed) => All[seed % All.Count];

    public static string OperationOf(PlainBulk bulk) => bulk is { Operation: "tag", SetTags: not null } ? SetTags : bulk.Operation;

    public static string SelectionOf(BulkSelecting? selecting) => selecting switch
    {
        null => "entity_ids",
        { ExternalIds: not null } => "external_ids",
        { Filter: not null } => "filter",
        _ => "query",
    };

    public override string ToString() => $"{Operation} by {Selection} of {Family}";
}
