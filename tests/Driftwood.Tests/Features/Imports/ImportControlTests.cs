using System.Net;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

public sealed class ImportControlTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const int Rows = 30_000; // 120 chunks of 250: far more than are applied between two requests

    [Fact]
    public async Task A_paused_import_keeps_what_is_applied_and_goes_on_from_there()
    {
        using var client = await app.CreateClientAsync();
        var id = await StartedAsync(client);

        await OkAsync(client, "imports-pause", id);
        var paused = await client.FinishAsync(id);
        Assert.Equal("paused", paused.Text("status"));
        Assert.InRange(Processed(paused), 0, Rows - 1);
        Assert.Equal(Processed(paused), await CountAsync(client));
        await OkAsync(client, "imports-pause", id);

        await OkAsync(client, "imports-resume", id);
        var finished = await client.FinishAsync(id);
        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", finished.Outcome());
        Assert.Equal(Rows, await CountAsync(client));
        (await client.PostAsync("imports-pause", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
    }

    [Fact]
    public async Task A_cancelled_import_keeps_what_is_applied_and_is_over()
    {
        using var client = await app.CreateClientAsync();
        var id = await StartedAsync(client);

        await OkAsync(client, "imports-cancel", id);
        var cancelled = await client.FinishAsync(id);
        Assert.Equal("cancelled", cancelled.Text("status"));
        Assert.InRange(Processed(cancelled), 0, Rows - 1);
        Assert.Equal(Processed(cancelled), await CountAsync(client));
        await OkAsync(client, "imports-cancel", id);
        (await client.PostAsync("imports-resume", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.PostAsync("imports-pause", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
    }

    [Fact]
    public async Task A_paused_import_can_be_cancelled()
    {
        using var client = await app.CreateClientAsync();
        var id = await StartedAsync(client);
        await OkAsync(client, "imports-pause", id);
        Assert.Equal("paused", (await client.FinishAsync(id)).Text("status"));

        var cancelled = (await client.PostAsync("imports-cancel", new { id })).Result;

        Assert.Equal("cancelled", cancelled.Text("status"));
    }

    [Fact]
    public async Task An_import_cancelled_before_it_is_confirmed_takes_neither_file_nor_confirmation()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        Assert.Equal("cancelled", (await client.PostAsync("imports-cancel", new { id = ticket.Id })).Result.Text("status"));
        (await ImportSteps.PutAsync(ticket.Url, "email\na@example.com\n"u8.ToArray())).Expect(HttpStatusCode.Conflict, "invalid_state");

        var uploaded = await client.UploadedAsync("email\na@example.com\n");
        await OkAsync(client, "imports-cancel", uploaded);
        (await client.ConfirmAsync(uploaded, "email")).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal(0, await CountAsync(client));
    }

    [Theory]
    [InlineData("imports-pause")]
    [InlineData("imports-resume")]
    [InlineData("imports-cancel")]
    public async Task Another_accounts_import_is_not_there(string route)
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email\na@example.com\n");

        (await other.PostAsync(route, new { id })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal("uploaded", (await client.PostAsync("imports-get", new { id })).Result.Text("status"));
    }

    private static async Task<Guid> StartedAsync(HttpClient client)
    {
        StringBuilder csv = new("email\n");
        for (var n = 0; n < Rows; n++) csv.Append(null, $"person{n}@example.com\n");
        var id = await client.UploadedAsync(csv.ToString());
        _ = (await client.ConfirmAsync(id, "email")).Result;
        return id;
    }

    private static async Task OkAsync(HttpClient client, string route, Guid id) => _ = (await client.PostAsync(route, new { id })).Result;

    private static long Processed(JsonElement job) => job.GetProperty("processed_rows").GetInt64();

    private static async Task<long> CountAsync(HttpClient client) =>
        (await client.PostAsync("contacts-count", "{}")).Result.GetProperty("count").GetInt64();
}
