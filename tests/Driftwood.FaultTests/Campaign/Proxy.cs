using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Driftwood.FaultTests.Campaign;

/// <summary>What the way between a node and the database is like.</summary>
internal enum Way
{
    Open,

    /// <summary>Connections are reset, new ones too.</summary>
    Cut,

    /// <summary>Every packet waits.</summary>
    Slow,

    /// <summary>Half open: connections are accepted and all that is sent is swallowed, in both directions; nobody is told.</summary>
    Swallowing,

    /// <summary>What the node says arrives when the way is open again, its commits too.</summary>
    RequestsHeld,

    /// <summary>What the node says arrives; the answers come when the way is open again.</summary>
    AnswersHeld,
}

/// <summary>Stands between one node and the database, on a port of its own, and lets through what it is told to.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private const int BufferBytes = 64 << 10;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(40);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Link, bool> _links = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Way _way = Way.Open;

    public Proxy(int serverPort)
    {
        ServerPort = serverPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where nodes connect to, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Where the database listens; may change when it starts again.</summary>
    public int ServerPort { get; set; }

    /// <summary>Lets the way be so from now on. What was swallowed is lost, so its connections are reset then.</summary>
    public void Make(Way way)
    {
        var before = _way;
        _way = way;
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        if (way != Way.Cut && before != Way.Swallowing) return;
        foreach (var link in _links.Keys) link.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        foreach (var link in _links.Keys) link.Dispose();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(new Link(await _listener.AcceptSocketAsync(_ending.Token)));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Ended, or a client that was gone again before it was accepted.
            }
        }
    }

    private async Task ServeAsync(Link link)
    {
        _links[link] = true;
        try
        {
            if (_way == Way.Cut) return;
            // A server that is never reached is as silent as one whose answers are swallowed.
            if (_way != Way.Swallowing) await link.Server.ConnectAsync(IPAddress.Loopback, ServerPort, _ending.Token);
            var there = PumpAsync(link.Node, link.Server, isRequest: true);
            var back = link.Server.Connected ? PumpAsync(link.Server, link.Node, isRequest: false) : there;
            await await Task.WhenAny(there, back);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, and so is the other now.
        }
        finally
        {
            _links.TryRemove(link, out _);
            link.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isRequest)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReceiveAsync(buffer, _ending.Token) is var count and > 0)
        {
            if (_way == Way.Slow) await Task.Delay(Delay, _ending.Token);
            await UntilLetThroughAsync(isRequest);
            if (_way == Way.Swallowing) continue;
            for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _ending.Token);
        }
    }

    private async Task UntilLetThroughAsync(bool isRequest)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (_way != (isRequest ? Way.RequestsHeld : Way.AnswersHeld)) return;
            await changed.WaitAsync(_ending.Token);
        }
    }

    /// <summary>A node's connection and ours to the server, ended by a reset.</summary>
    private sealed class Link : IDisposable
    {
        public Link(Socket node)
        {
            Node = node;
            foreach (var socket in new[] { Node, Server })
            {
                socket.NoDelay = true;
                socket.LingerState = new LingerOption(true, 0);
            }
        }

        public Socket Node { get; }

        public Socket Server { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public void Dispose()
        {
            Node.Dispose();
            Server.Dispose();
        }
    }
}
