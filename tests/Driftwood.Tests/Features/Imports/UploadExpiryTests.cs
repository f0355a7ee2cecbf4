using System.Net;
using System.Net.Sockets;
using System.Text;
using Driftwood.Api.Work.Maintenance;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Features.Imports;

public sealed class UploadExpiryTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_never_completed_expire_and_their_files_go()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var empty = await client.RequestUploadAsync();
        var filled = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(filled.Url, "email\na@example.com\n"u8.ToArray())).Result;
        var completed = await client.UploadedAsync("email\na@example.com\n");

        app.Clock.Ahead = TimeSpan.FromHours(23);
        await ExpireAsync();
        Assert.Equal(["uploaded", "pending", "pending"], await StatusesAsync(client));
        Assert.Single(app.StoredFiles(filled.Id));

        app.Clock.Ahead = TimeSpan.FromHours(25);
        foreach (var ticket in new[] { empty, filled })
        {
            (await ImportSteps.PutAsync(ticket.Url, "email\nlate@example.com\n"u8.ToArray()))
                .Expect(HttpStatusCode.Forbidden, "signature_expired");
        }

        await ExpireAsync();
        Assert.Equal(["uploaded", "expired", "expired"], await StatusesAsync(client));
        Assert.Empty(app.StoredFiles(filled.Id));
        Assert.Single(app.StoredFiles(completed));
        (await client.PostAsync("imports-complete-upload", new { id = filled.Id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.ConfirmAsync(filled.Id, "email")).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal(2, (await client.AllAsync("imports-list", new { status = "expired" })).Length);

        _ = (await client.ConfirmAsync(completed, "email")).Result;
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(completed)).Outcome());
    }

    [Fact]
    public async Task A_body_that_is_still_on_its_way_when_its_upload_expires_is_not_kept()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        using var connection = new TcpClient();
        await connection.ConnectAsync(ticket.Url.Host, ticket.Url.Port, Cancellation);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT {ticket.Url.PathAndQuery} HTTP/1.1\r\nHost: {ticket.Url.Authority}\r\nContent-Type: text/csv\r\nConnection: "
                + $"close\r\nContent-Length: 20\r\n\r\nemail\na@"), Cancellation);
        await Eventually.GetAsync(() => Task.FromResult(app.StoredFiles(ticket.Id)), files => files.Length == 1);

        app.Clock.Ahead = TimeSpan.FromHours(25);
        await ExpireAsync();
        await stream.WriteAsync("example.com\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 409", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);

        Assert.Equal(["expired"], await StatusesAsync(client));
        Assert.Empty(app.StoredFiles(ticket.Id));
    }

    private Task<long> ExpireAsync() => app.Services.GetRequiredService<UploadExpiry>().RunAsync(Cancellation);

    private static async Task<string[]> StatusesAsync(HttpClient client) =>
        [.. (await client.AllAsync("imports-list", new { })).Select(import => import.Text("status")!)];
}
