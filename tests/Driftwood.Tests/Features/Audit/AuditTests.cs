using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Work.Maintenance.Tasks;
using Driftwood.Data;
using Driftwood.Tests.Features.Imports;
using Driftwood.Tests.Features.Tokens;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Driftwood.Tests.Features.Audit;

public sealed class AuditTests(AuditApp fixture) : IClassFixture<AuditApp>
{
    private const string Value = "Fjordmark";

    private readonly DriftwoodApp _app = fixture.App;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_has_an_entry_with_who_what_when_and_from_where()
    {
        var (account, client) = await NewClientAsync();
        List<string> expected = [];
        async Task<JsonElement> SayAsync(string route, object body, string? subject = null)
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            var result = (await client.PostAsync(route, body, ("X-Request-Id", $"my-{expected.Count}"))).Result;
            expected.Add($"{route} {subject ?? result.Text("id")} my-{expected.Count} {fixture.Clock.GetUtcNow():HH:mm:ss}");
            return result;
        }

        var contact = (await SayAsync("contacts-create", new { first_name = Value, email = "a@example.com" })).Id();
        await SayAsync("contacts-update", new { id = contact, city = Value });
        await SayAsync("records-update", new { record_type = "contacts", id = contact, fields = new { city = (string?)null } });
        await SayAsync("contacts-delete", new { id = contact });
        await SayAsync("record-types-create", new { key = "tickets", name = "Tickets" }, "tickets");
        var field = (await SayAsync("fields-create", new { record_type = "tickets", key = "note", kind = "text" })).Id();
        await SayAsync("fields-update", new { id = field, label = "Notes" });
        await SayAsync("fields-delete", new { id = field });
        await SayAsync("record-types-delete", new { key = "tickets" }, "tickets");
        await SayAsync("account-settings-update", new { phone_country = "NO" }, "");
        var token = (await SayAsync("tokens-create", new { name = "second" })).Id();
        await SayAsync("tokens-revoke", new { id = token });
        var job = new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact }, start = false };
        var bulk = (await SayAsync("bulk-jobs-create", job)).Id();
        await SayAsync("bulk-jobs-cancel", new { id = bulk });

        var entries = await ListAsync(client);
        Assert.Equal(expected, entries.Reverse().Select(entry =>
        {
            var at = entry.GetProperty("at").GetDateTimeOffset();
            return $"{entry.Text("route")} {entry.Text("subject_id")} {entry.Text("request_id")} {at:HH:mm:ss}";
        }));
        Assert.All(entries, entry =>
        {
            Assert.Equal(account.UserId, entry.GetProperty("user_id").GetGuid());
            Assert.Equal(account.TokenId, entry.GetProperty("token_id").GetGuid());
            Assert.Equal("127.0.0.1", entry.Text("client_address"));
        });
        Assert.DoesNotContain(Value, await TableAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_has_an_entry_for_each_of_its_steps()
    {
        var (account, client) = await NewClientAsync();
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        var ticket = await client.RequestUploadAsync();
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        _ = (await ImportSteps.PutAsync(ticket.Url, Encoding.UTF8.GetBytes($"email,first_name\na@example.com,{Value}\n"))).Result;
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        _ = (await client.ConfirmAsync(ticket.Id, "email,first_name")).Result;
        await client.FinishAsync(ticket.Id);
        var entries = await ListAsync(client);
        Assert.Equal(
            ["imports-confirm", "imports-complete-upload", "uploads-put", "imports-request-upload"],
            entries.Select(entry => entry.Text("route")));
        Assert.All(entries, entry =>
        {
            Assert.Equal(ticket.Id.ToString(), entry.Text("subject_id"));
            Assert.Equal(account.TokenId, entry.GetProperty("token_id").GetGuid());
        });
        Assert.DoesNotContain(Value, await TableAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_repeated_and_reading_requests_leave_no_entry()
    {
        var (_, client) = await NewClientAsync();
        var key = ("Idempotency-Key", "same");
        var first = (await client.PostAsync("contacts-create", """{"email":"a@example.com"}""", key)).Result;
        _ = (await client.PostAsync("contacts-create", """{"email":"a@example.com"}""", key)).Result;
        // Ids have the order of milliseconds.
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = (await client.PostAsync("contacts-create", """{"email":"b@example.com"}""")).Result.Id();
        (await client.PostAsync("contacts-create", """{"email":"no address"}"""))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        (await client.PostAsync("contacts-update", new { id = second, email = "a@example.com" }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        (await client.PostAsync("contacts-delete", new { id = Guid.NewGuid() })).Expect(HttpStatusCode.NotFound, "not_found");
        _ = (await client.PostAsync("contacts-list", "{}")).Result;
        Assert.Equal(
            [first.Text("id"), second.ToString()], (await ListAsync(client)).Select(entry => entry.Text("subject_id")).Reverse());
        Assert.Equal("b@example.com", (await client.PostAsync("contacts-get", new { id = second })).Result.Text("email"));
    }

    [Fact]
    public async Task A_change_whose_entry_cannot_be_written_is_not_made()
    {
        var (account, client) = await NewClientAsync();
        await ExecuteAsync($"alter table audit add constraint refused check (account_id <> '{account.AccountId}')");
        try
        {
            Assert.Equal(HttpStatusCode.InternalServerError, (await client.PostAsync("contacts-create", """{"email":"a@b.no"}""")).Status);
            Assert.Equal(0, (await client.PostAsync("contacts-count", "{}")).Result.GetProperty("count").GetInt32());
        }
        finally
        {
            await ExecuteAsync("alter table audit drop constraint refused");
        }
    }

    [Fact]
    public async Task A_job_of_another_services_client_has_an_entry()
    {
        var (account, client) = await NewClientAsync();
        using var zendesk = new HttpRequestMessage(HttpMethod.Post, "/api/v2/custom_objects/contacts/jobs.json")
        {
            Content = new StringContent(
                """{"job":{"action":"create","items":[{"custom_object_fields":{"last_name":"Moe"}}]}}""",
                Encoding.UTF8,
                "application/json"),
        };
        var made = (await client.AskAsync(zendesk)).Body.GetProperty("job_status").Text("id");
        var entry = Assert.Single(await ListAsync(client));
        Assert.Equal(("zendesk-jobs-create-json", made), (entry.Text("route"), entry.Text("subject_id")));
        Assert.Equal(account.TokenId, entry.GetProperty("token_id").GetGuid());
    }

    [Fact]
    public async Task Entries_are_found_by_user_token_route_subject_and_time_page_after_page()
    {
        var (account, client) = await NewClientAsync();
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        var secret = (await client.PostAsync("tokens-create", new { name = "second" })).Result;
        var second = _app.CreateClient(secret.Text("token"));
        List<string> made = [];
        List<DateTimeOffset> times = [];
        for (var i = 0; i < 5; i++)
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            times.Add(fixture.Clock.GetUtcNow());
            made.Add((await second.PostAsync("contacts-create", new { first_name = $"{i}" })).Result.Text("id")!);
        }

        async Task<string?[]> FindAsync(object filter) => [.. (await ListAsync(client, filter)).Select(entry => entry.Text("subject_id"))];
        string?[] newest = [.. made.AsEnumerable().Reverse()];
        Assert.Equal(newest, await FindAsync(new { token_id = secret.Id() }));
        Assert.Equal(newest, await FindAsync(new { route = "contacts-create", limit = 2 }));
        Assert.Equal(newest.Append(secret.Text("id")), await FindAsync(new { user_id = account.UserId }));
        Assert.Equal([made[2]], await FindAsync(new { subject_id = made[2] }));
        Assert.Equal([made[3], made[2], made[1]], await FindAsync(new { from = times[1], until = times[4] }));
        Assert.Equal([made[4]], await FindAsync(new { from = times[3].AddTicks(10) }));
        Assert.Equal(newest, await FindAsync(new { from = times[0], until = "9999-12-31T23:59:59.9999999Z" }));
        Assert.Empty(await FindAsync(new { user_id = Guid.NewGuid() }));
        var wrong = await client.PostAsync("audit-list", new { from = times[1], until = times[1], route = "", limit = 0 });
        Assert.Equal(["limit: out_of_range", "route: too_long", "until: out_of_range"], wrong.Details.Order());
    }

    [Fact]
    public async Task Nobody_sees_the_entries_of_another_account()
    {
        var (_, client) = await NewClientAsync();
        _ = (await client.PostAsync("contacts-create", """{"first_name":"A"}""")).Result;
        var (_, other) = await NewClientAsync();
        Assert.Empty(await ListAsync(other));
        var reader = _app.CreateClient((await _app.CreateAccountAsync("read", "write")).Token);
        (await reader.PostAsync("audit-list", "{}")).Expect(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task Entries_go_after_their_time_and_never_change()
    {
        var (account, client) = await NewClientAsync();
        _ = (await client.PostAsync("contacts-create", """{"first_name":"Old"}""")).Result;
        fixture.Clock.Advance(TimeSpan.FromDays(399));
        var kept = (await client.PostAsync("contacts-create", """{"first_name":"New"}""")).Result.Text("id");
        fixture.Clock.Advance(TimeSpan.FromDays(1.5));
        Assert.InRange(await _app.Services.GetRequiredService<AuditExpiry>().RunAsync(CancellationToken), 1, long.MaxValue);
        Assert.Equal([kept], (await ListAsync(client)).Select(entry => entry.Text("subject_id")));
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => ExecuteAsync($"update audit set route = 'x' where account_id = '{account.AccountId}'"));
        Assert.Contains("never changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_that_may_change_something_without_a_transaction_cannot_be_mapped()
    {
        RouteEndpointBuilder Endpoint(object? effect)
        {
            var endpoint = new RouteEndpointBuilder(_ => Task.CompletedTask, RoutePatternFactory.Parse("x"), 0);
            if (effect is not null) endpoint.Metadata.Add(effect);
            return endpoint;
        }

        Assert.Throws<InvalidOperationException>(() => RpcMapping.RequireEffect(Endpoint(null)));
        RpcMapping.RequireEffect(Endpoint(new Transactional(KeepsAnswer: false)));
        RpcMapping.RequireEffect(Endpoint(new ChangesNothing()));
    }

    private async Task<(TestAccount Account, HttpClient Client)> NewClientAsync()
    {
        var account = await _app.CreateAccountAsync();
        return (account, _app.CreateClient(account.Token));
    }

    private static async Task<JsonElement[]> ListAsync(HttpClient client, object? filter = null) =>
        [.. await client.AllAsync("audit-list", filter ?? new { })];

    private async Task ExecuteAsync(string sql)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DriftwoodDb>().Database.ExecuteSqlRawAsync(sql, CancellationToken);
    }

    private async Task<string> TableAsync()
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<DriftwoodDb>().Database
            .SqlQuery<string>($"select a::text as \"Value\" from audit a").ToListAsync(CancellationToken);
        Assert.NotEmpty(rows);
        return string.Join('\n', rows);
    }
}
