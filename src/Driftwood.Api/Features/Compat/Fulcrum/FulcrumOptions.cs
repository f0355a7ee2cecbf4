namespace Driftwood.Api.Features.Compat.Fulcrum;

/// <summary>The section <c>Driftwood:Compat:Fulcrum</c>.</summary>
internal sealed record FulcrumOptions : CompatOptions
{
    /// <summary>Maximum records of one batch.</summary>
    public int MaxRecords { get; init; } = 10_000;

    /// <summary>Ids of forms in Fulcrum, with the keys of the record types that they became.</summary>
    public Dictionary<string, string> Forms { get; init; } = [];
}
