using System.Net;
using System.Net.Sockets;
using System.Text;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>A process dies in the middle of an upload (F6).</summary>
public sealed class UploadCrashTests(FaultServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leaves_no_upload_and_the_file_can_be_sent_again()
    {
        using var site = server.NewSite();
        var uploads = Path.Combine(site.DataDirectory, "uploads");
        string token;
        Guid id;
        using TcpClient connection = new();
        await using (var victim = await ServiceProcess.StartAsync(site))
        {
            token = await site.CreateAccountAsync();
            using var client = victim.CreateClient(token);
            var ticket = await client.RequestUploadAsync();
            id = ticket.Id;
            await connection.ConnectAsync(ticket.Url.Host, ticket.Url.Port, Cancellation);
            var head =
                $"PUT {ticket.Url.PathAndQuery} HTTP/1.1\r\nHost: {ticket.Url.Authority}\r\nContent-Type: text/csv\r\nContent-Length: "
                + $"5000000\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + "email\n" + new string('x', 1_000_000)), Cancellation);
            await Eventually.GetAsync(
                () => Task.FromResult(Directory.GetFiles(uploads).Sum(file => new FileInfo(file).Length)), written => written > 100_000);
            await victim.KillAsync();
        }

        await using var service = await ServiceProcess.StartAsync(site);
        using var survivor = service.CreateClient(token);
        (await survivor.PostAsync("imports-complete-upload", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.All(Directory.GetFiles(uploads), file => Assert.EndsWith(".tmp", file, StringComparison.Ordinal));
        var again = await survivor.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(again.Url, "email\na@example.com\n"u8.ToArray())).Result;
        _ = (await survivor.PostAsync("imports-complete-upload", new { id = again.Id })).Result;
        _ = (await survivor.ConfirmAsync(again.Id, "email")).Result;
        Assert.Equal("completed 1: 1/0/0/0", (await survivor.FinishAsync(again.Id)).Outcome());
    }
}
