using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Erasure;

/// <summary>A running job reads what is to be erased. It could write the records again, so the erasure waits until it has ended.</summary>
internal sealed class ErasureWaitsException(Guid job) : BusyException($"The job {job} is running and reads what is to be erased.")
{
    /// <summary>All files are searched again.</summary>
    public override TimeSpan MaxDelay => TimeSpan.FromSeconds(5);
}
