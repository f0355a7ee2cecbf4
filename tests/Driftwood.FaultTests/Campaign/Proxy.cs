using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The state of the connection path between a node and the database.</summary>
internal enum Way
{
    Open,

    /// <summary>The proxy resets connections, new ones too.</summary>
    Cut,

    /// <summary>Every packet waits.</summary>
    Slow,

    /// <summary>Half open: the proxy accepts connections and swallows all data in both directions. It tells neither side.</summary>
    Swallowing,

    /// <summary>The node's requests, including its commits, arrive when the path is open again.</summary>
    RequestsHeld,

    /// <summary>The node's requests arrive. The answers come when the path is open again.</summary>
    AnswersHeld,
}

/// <summary>Stands between one node and the database on its own port, and passes on only the data that its state allows.</summary>
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

    /// <summary>The port on 127.0.0.1 that nodes connect to.</summary>
    public int Port { get; }

    /// <summary>The port that the database listens at. It may change when the database starts again.</summary>
    public int ServerPort { get; set; }

    /// <summary>Changes the state of the path. Swallowed data is lost, so the end of swallowing resets its connections.</summary>
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
                // The proxy has ended, or a client was gone before it was accepted.
            }
        }
    }

    private async Task ServeAsync(Link link)
    {
        _links[link] = true;
        try
        {
            if (_way == Way.Cut) return;
            // To the node, a server that the proxy never connects to is as silent as one whose answers are swallowed.
            if (_way != Way.Swallowing) await link.Server.ConnectAsync(IPAddress.Loopback, ServerPort, _ending.Token);
            var there = PumpAsync(link.Node, link.Server, isRequest: true);
            var back = link.Server.Connected ? PumpAsync(link.Server, link.Node, isRequest: false) : there;
            await await Task.WhenAny(there, back);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, so the proxy closes the other side too.
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

    /// <summary>A node's connection and the proxy's connection to the server. A reset ends both.</summary>
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
