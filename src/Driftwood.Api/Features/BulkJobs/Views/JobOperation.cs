using Driftwood.Engine.Bulk.Operations;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>The operations of bulk jobs: those of <see cref="OperationName"/>, and the undo.</summary>
internal enum JobOperation
{
    Delete = OperationName.Delete,
    Update = OperationName.Update,
    Tag = OperationName.Tag,
    Create = OperationName.Create,
    Upsert = OperationName.Upsert,

    /// <summary>Takes another job back. jobs-undo creates such jobs.</summary>
    Undo,
}
