using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Driftwood.Tests.Infrastructure;

/// <summary>Passes TCP connections on to a server, and resets them when it is told to.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly int _serverPort;
    private readonly Task _accepting;
    private long _bytesPerAnswer = long.MaxValue;
    private int _cuts;

    public CuttingProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>How many connections it has reset.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>From now on a connection is reset once the server has sent so many bytes on it; 0: at once.</summary>
    public void CutAfter(long bytes)
    {
        Volatile.Write(ref _bytesPerAnswer, bytes);
        // Connections that were let through before are kept by clients.
        foreach (var socket in _sockets.Keys) Reset(socket);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        foreach (var socket in _sockets.Keys) Reset(socket);
        _ending.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            // With zero seconds of lingering, closing sends a reset instead of an end.
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The other side, or another thread, was faster.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_ending.Token));
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test has ended, or the client was gone before it was accepted.
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        (_sockets[client], _sockets[server]) = (true, true);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _serverPort, _ending.Token);
            var there = PumpAsync(client, server, isAnswer: false);
            var back = PumpAsync(server, client, isAnswer: true);
            await await Task.WhenAny(there, back);
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, so the other one goes too.
        }
        finally
        {
            foreach (var socket in new[] { client, server })
            {
                _sockets.TryRemove(socket, out _);
                Reset(socket);
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[16 << 10];
        var passed = 0L;
        while (await from.ReceiveAsync(buffer, _ending.Token) is var count and > 0)
        {
            var room = isAnswer ? Volatile.Read(ref _bytesPerAnswer) - passed : long.MaxValue;
            for (var sent = 0; sent < Math.Min(count, room);)
                sent += await to.SendAsync(buffer.AsMemory(sent, (int)Math.Min(count, room) - sent), _ending.Token);
            passed += count;
            if (count <= room) continue;
            Interlocked.Increment(ref _cuts);
            return;
        }
    }
}
