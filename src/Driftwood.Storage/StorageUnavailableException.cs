namespace Driftwood.Storage;

/// <summary>The storage of the uploads cannot be reached, or refuses the service. Another attempt may succeed.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
