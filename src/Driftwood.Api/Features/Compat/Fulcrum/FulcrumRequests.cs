using System.Text.Json;

namespace Driftwood.Api.Features.Compat.Fulcrum;

internal enum FulcrumAction
{
    Delete,
    Update,
}

internal enum FulcrumResource
{
    Record,
}

/// <summary>What a batch does.</summary>
internal sealed record FulcrumOperation
{
    /// <summary>delete or update.</summary>
    public required FulcrumAction Action { get; init; }

    /// <summary>record.</summary>
    public required FulcrumResource Resource { get; init; }

    /// <summary>
    /// The key of a record type, its name, or an id of the setting Forms. Required with ids, and with a query without FROM.
    /// </summary>
    public string? FormId { get; init; }

    /// <summary>Which records: SELECT _record_id AS id FROM "form" WHERE …, or only the condition.</summary>
    public string? Query { get; init; }

    /// <summary>Or their ids.</summary>
    public string[]? Ids { get; init; }

    /// <summary>With update: the fields' new values.</summary>
    public Dictionary<string, JsonElement>? Data { get; init; }
}

internal sealed record FulcrumBatch
{
    /// <summary>Whether it starts at once. Default false.</summary>
    public bool Start { get; init; }

    /// <summary>One operation; none to give it later.</summary>
    public FulcrumOperation[]? Operations { get; init; }
}

internal sealed record FulcrumBatchRequest
{
    /// <summary>The batch.</summary>
    public required FulcrumBatch Batch { get; init; }
}

internal sealed record FulcrumOperationsRequest
{
    /// <summary>One operation.</summary>
    public required FulcrumOperation[] Operations { get; init; }
}
