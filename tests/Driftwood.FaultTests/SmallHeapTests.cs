using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>Inputs of 10 MB that are made to cost much, in a process whose heap has 512 MB.</summary>
public sealed partial class SmallHeapTests(FaultServer server, ITestOutputHelper output)
{
    private const int TenMegabytes = 10_000_000;

    /// <summary>The size of a body that is just small enough to be read: one of 8 MiB is the largest.</summary>
    private const int LargestBody = 8_000_000;

    /// <summary>What the process may have held in memory at any time.</summary>
    private const int MaxMegabytes = 250;

    /// <summary>The same where fifteen bodies of the largest size are read, one after the other. Each is held as a whole.</summary>
    private const int MaxMegabytesWithBodies = 320;

    /// <summary>The limit of the heap: 512 MB, in hexadecimal as the runtime reads it.</summary>
    private static readonly (string, string) Heap = ("DOTNET_GCHeapHardLimit", "0x20000000");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_file_of_blank_lines_is_answered() => CheckAsync(async client =>
        [(await client.UploadAsync(Repeat("email\n", "\n"))).Status]);

    [Fact]
    public Task A_compressed_file_of_blank_lines_is_answered() => CheckAsync(async client =>
    {
        // 10 MB of gzip hold 10 GB of lines. A file may have several members, so that one is compressed and repeated.
        var member = Compress(new string('\n', 100_000_000));
        byte[] file = [.. Compress("email\n"), .. Enumerable.Repeat(member, TenMegabytes / member.Length).SelectMany(each => each)];
        return [(await client.UploadAsync(file)).Status];
    });

    [Theory]
    [InlineData(TenMegabytes)]
    [InlineData(LargestBody)]
    public Task Four_lists_of_tiny_items_at_once_are_answered(int bytes) => CheckAsync(async client =>
    {
        var items = string.Join(',', Enumerable.Repeat("{}", bytes / 3));
        var body = $$"""{"entity_type":"contacts","operation":"create","items":[{{items}}]}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.PostAsync("bulk-jobs-create", body)));
        return [.. answers.Select(answer => answer.Status)];
    });

    [Fact]
    public Task A_file_whose_lines_each_open_a_quote_is_answered() => CheckAsync(async client =>
        [(await client.UploadAsync(Repeat("email\n", "\"a\n"))).Status]);

    [Theory]
    [InlineData(TenMegabytes, MaxMegabytes)]
    [InlineData(LargestBody, MaxMegabytesWithBodies)]
    public Task Long_params_are_answered_and_so_is_the_list_of_such_jobs(int bytes, int megabytes) => CheckAsync(async client =>
    {
        var fields = new { description = new string('x', bytes) };
        var body = new
        {
            entity_type = "contacts",
            operation = "update",
            start = false,
            entity_ids = new[] { Guid.NewGuid() },
            @params = new { fields },
        };
        List<HttpStatusCode> statuses = [];
        for (var n = 0; n < 15; n++) statuses.Add((await client.PostAsync("bulk-jobs-create", body)).Status);
        return [.. statuses, (await client.PostAsync("bulk-jobs-list", "{}")).Status];
    }, megabytes);

    [Fact]
    public Task Bodies_that_are_announced_and_never_come_keep_no_memory() => CheckAsync(async client =>
    {
        List<TcpClient> connections = [];
        for (var n = 0; n < 50; n++)
        {
            TcpClient connection = new();
            connections.Add(connection);
            await connection.ConnectAsync(client.BaseAddress!.Host, client.BaseAddress.Port, Cancellation);
            var head = $"POST /api/contacts-list HTTP/1.1\r\nHost: {client.BaseAddress.Authority}\r\n"
                + $"Authorization: {client.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {TenMegabytes}\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancellation);
        }

        var status = (await client.PostAsync("me", "{}")).Status;
        connections.ForEach(connection => connection.Dispose());
        return [status];
    });

    [Fact]
    public Task A_hundred_callers_of_the_document_are_answered() => CheckAsync(async client =>
    {
        var document = new Uri("/swagger/v1/swagger.json", UriKind.Relative);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetAsync(document, Cancellation)));
        return [.. answers.Select(answer => answer.StatusCode)];
    });

    /// <summary>Sends what costs much. No answer is a 5xx, the node goes on, and its memory stayed within the limit.</summary>
    private async Task CheckAsync(Func<HttpClient, Task<HttpStatusCode[]>> send, int megabytes = MaxMegabytes)
    {
        using var site = server.NewSite();
        await using var service = await ServiceProcess.StartAsync(site, settings: Heap);
        using var client = service.CreateClient(await site.CreateAccountAsync());

        var statuses = await send(client);
        var peak = await PeakMegabytesAsync(service.Id);

        output.WriteLine($"{string.Join(' ', statuses.Distinct())}, {peak} MB");
        Assert.All(statuses, status => Assert.InRange((int)status, 200, 499));
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("me", "{}")).Status);
        Assert.InRange(peak, 1, megabytes);
    }

    private static byte[] Repeat(string head, string line) =>
        Encoding.UTF8.GetBytes(head + string.Concat(Enumerable.Repeat(line, TenMegabytes / line.Length)));

    private static byte[] Compress(string text)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.SmallestSize)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return compressed.ToArray();
    }

    private static async Task<int> PeakMegabytesAsync(int process)
    {
        var status = await File.ReadAllTextAsync($"/proc/{process}/status", Cancellation);
        return int.Parse(Peak().Match(status).Groups["kilobytes"].Value, CultureInfo.InvariantCulture) / 1024;
    }

    [GeneratedRegex(@"^VmHWM:\s+(?<kilobytes>\d+) kB", RegexOptions.Multiline)]
    private static partial Regex Peak();
}
