using Driftwood.Engine.Bulk.Operations;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>The operations of bulk jobs: those of <see cref="OperationName"/>, the undo, the restore and the erasure.</summary>
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

    /// <summary>Deletes records with all that is kept of them. records-erase creates such jobs.</summary>
    Erase,
}
