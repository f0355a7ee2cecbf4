namespace Driftwood.Api.Shell;

/// <summary>Why a command ends with exit code 1, in words for the person at the terminal.</summary>
internal class CommandFailure(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The service cannot be reached or has no time at the moment: asking again may help.</summary>
internal sealed class ServiceAway(string message, Exception? innerException) : CommandFailure(message, innerException);
