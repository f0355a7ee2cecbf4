using System.Net;
using Driftwood.Api.Features.Imports;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Features.Imports;

public sealed class UploadExpiryTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Uploads_never_completed_expire_and_their_files_go()
    {
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
            (await ImportSteps.PutAsync(ticket.Url, "email\nlate@example.com\n"u8.ToArray())).Expect(HttpStatusCode.Forbidden, "signature_expired");
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

    private async Task ExpireAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<UploadExpiry>().RunAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string[]> StatusesAsync(HttpClient client) =>
        [.. (await client.AllAsync("imports-list", new { })).Select(import => import.Text("status")!)];
}
