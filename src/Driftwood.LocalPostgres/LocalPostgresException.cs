namespace Driftwood.LocalPostgres;

/// <summary>
/// The local server cannot be had. The message is written for the person at the terminal: what was found, what
/// was expected, where, and what to do about it.
/// </summary>
public sealed class LocalPostgresException : Exception
{
    /// <summary>A failure without an inner cause.</summary>
    public LocalPostgresException(string message) : base(message)
    {
    }

    /// <summary>A failure with its cause.</summary>
    public LocalPostgresException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
