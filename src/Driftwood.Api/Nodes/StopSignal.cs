using System.Runtime.InteropServices;

namespace Driftwood.Api.Nodes;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation, from the first moment on: a server may be starting long before there is a host
/// to listen. A second Ctrl-C ends the process as usual; a second SIGTERM is ignored, since supervisors send it to a whole group and to
/// its members, and know SIGKILL.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
    ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = context.Signal == PosixSignal.SIGTERM || !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
