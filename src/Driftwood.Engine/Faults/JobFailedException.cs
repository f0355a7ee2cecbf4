namespace Driftwood.Engine.Faults;

/// <summary>No other attempt can help: a job that meets this fails with its message, which is for the caller.</summary>
public class JobFailedException(string message) : Exception(message);
