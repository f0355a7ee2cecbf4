namespace Driftwood.Engine.Lanes;

/// <summary>What a job needs is gone for good: its lanes fail with this message, which is for the caller.</summary>
internal sealed class JobFailedException(string message) : Exception(message);
