using Driftwood.Engine.Bulk.Operations;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>The operations of bulk jobs: those of <see cref="OperationName"/>, the undo and the restore.</summary>
internal enum JobOperation
{
    Delete = OperationName.Delete,
    Update = OperationName.Update,
    Tag = OperationName.Tag,
    Create = OperationName.Create,
    Upsert = OperationName.Upsert,

    /// <summary>Takes another job back. jobs-undo creates such jobs.</summary>
    Undo,

    /// <summary>Brings deleted records back. records-restore creates such jobs.</summary>
    Restore,
}
