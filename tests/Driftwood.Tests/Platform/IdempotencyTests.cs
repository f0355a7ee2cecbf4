using System.Net;
using Driftwood.Api.Work.Maintenance.Tasks;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Platform;

public sealed class IdempotencyTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private static readonly object Order = new { name = "a", ids = Array.Empty<Guid>() };
    private readonly HttpClient _client = app.CreateClient();

    [Fact]
    public async Task The_same_key_and_body_get_the_first_answer_byte_for_byte()
    {
        var key = NewKey();
        var first = await _client.PostAsync("orders-create", Order, key);
        var again = await _client.PostAsync("orders-create", Order, key);
        Assert.Equal("Blåbær & <b>", first.Result.GetProperty("note").GetString());
        Assert.Null(first.Header("Idempotent-Replayed"));
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(first.ContentHeaders.ContentType, again.ContentHeaders.ContentType);
    }

    [Fact]
    public async Task Without_a_key_every_request_is_its_own()
    {
        var first = await _client.PostAsync("orders-create", Order);
        var second = await _client.PostAsync("orders-create", Order);
        Assert.NotEqual(first.Result.GetProperty("id").GetGuid(), second.Result.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Another_body_or_route_with_the_key_is_422()
    {
        var key = NewKey();
        Assert.Equal(HttpStatusCode.OK, (await _client.PostAsync("orders-create", Order, key)).Status);
        (await _client.PostAsync("orders-create", new { name = "b", ids = Array.Empty<Guid>() }, key))
            .Expect(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
        (await _client.PostAsync("orders-fail", Order, key))
            .Expect(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
    }

    [Fact]
    public async Task A_key_of_another_account_is_another_key()
    {
        var key = NewKey();
        var other = await TestAccount.CreateAsync(app.Services);
        var first = await _client.PostAsync("orders-create", Order, key);
        var second = await app.CreateClient(other.Token).PostAsync("orders-create", Order, key);
        Assert.NotEqual(first.Result.GetProperty("id").GetGuid(), second.Result.GetProperty("id").GetGuid());
        Assert.Null(second.Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task While_the_first_request_runs_the_second_is_409_and_then_has_its_answer()
    {
        var gate = app.Services.GetRequiredService<Gate>();
        (gate.Entered, gate.Open) = (new(), new());
        var key = NewKey();
        var body = new { name = "wait", ids = Array.Empty<Guid>() };
        var running = _client.PostAsync("orders-create", body, key);
        await gate.Entered.Task;
        (await _client.PostAsync("orders-create", body, key)).Expect(HttpStatusCode.Conflict, "request_in_progress");
        gate.Open.SetResult();
        var first = await running;
        var again = await _client.PostAsync("orders-create", body, key);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(first.Text, again.Text);
    }

    [Fact]
    public async Task Fifty_requests_at_once_with_one_key_have_one_effect()
    {
        var key = NewKey();
        var account = await TestAccount.CreateAsync(app.Services);
        var client = app.CreateClient(account.Token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.PostAsync("orders-create", Order, key)));
        Assert.All(answers, answer => Assert.True(
            answer.Status == HttpStatusCode.OK || answer.Code == "request_in_progress", answer.Text));
        Assert.Single(answers.Where(a => a.Status == HttpStatusCode.OK).Select(a => a.Text).Distinct());
        Assert.Equal("Fjord+a", await AccountNameAsync(account.AccountId));
    }

    [Fact]
    public async Task A_refusal_rolls_back_is_not_kept_and_runs_no_hook()
    {
        var account = await TestAccount.CreateAsync(app.Services);
        var client = app.CreateClient(account.Token);
        var key = NewKey();
        for (var i = 0; i < 2; i++)
        {
            var answer = (await client.PostAsync("orders-fail", Order, key)).Expect(HttpStatusCode.Conflict, "invalid_state");
            Assert.Null(answer.Header("Idempotent-Replayed"));
            Assert.Null(answer.Header("Retry-After"));
        }

        Assert.Equal("Fjord", await AccountNameAsync(account.AccountId));
        Assert.Equal(0, await CountKeysAsync(account.AccountId));
    }

    [Fact]
    public async Task A_failing_hook_after_the_commit_is_logged_and_not_the_callers()
    {
        var account = await TestAccount.CreateAsync(app.Services);
        var answer = await app.CreateClient(account.Token)
            .PostAsync("orders-create", new { name = "hook", ids = Array.Empty<Guid>() });
        Assert.Equal("Fjord+hook", answer.Result.GetProperty("name").GetString());
        Assert.Equal("Fjord+hook", await AccountNameAsync(account.AccountId));
        Assert.Contains(app.Logs.Lines, line => line.EventId == 1020);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public async Task A_key_of_a_wrong_length_is_422(int length)
    {
        var answer = await _client.PostAsync("orders-create", Order, ("Idempotency-Key", new string('k', length)));
        Assert.Equal(["Idempotency-Key: invalid_idempotency_key"], answer.Details);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
    }

    [Fact]
    public async Task A_key_of_255_characters_is_kept()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString().PadRight(255, 'k'));
        await _client.PostAsync("orders-create", Order, key);
        Assert.Equal("true", (await _client.PostAsync("orders-create", Order, key)).Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task Expiry_deletes_old_answers_and_keeps_those_of_two_days()
    {
        var account = await TestAccount.CreateAsync(app.Services);
        var client = app.CreateClient(account.Token);
        await client.PostAsync("orders-create", Order, NewKey());
        await client.PostAsync("orders-create", Order, NewKey());
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DriftwoodDb>();
        await db.Database.ExecuteSqlAsync(
            $"""
            update idempotency_keys k
            set created_at = created_at - case
                when key = (select min(key) from idempotency_keys where account_id = k.account_id) then interval '49 hours'
                else interval '47 hours'
            end
            where account_id = {account.AccountId}
            """,
            TestContext.Current.CancellationToken);
        var expiry = ActivatorUtilities.CreateInstance<IdempotencyKeyExpiry>(app.Services);
        Assert.Equal(1L, await expiry.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, await CountKeysAsync(account.AccountId));
    }

    private static (string Name, string Value) NewKey() => ("Idempotency-Key", Guid.NewGuid().ToString());

    private async Task<string> AccountNameAsync(Guid id)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DriftwoodDb>();
        return await db.Accounts.Where(a => a.Id == id).Select(a => a.Name).SingleAsync(TestContext.Current.CancellationToken);
    }

    private async Task<int> CountKeysAsync(Guid id)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DriftwoodDb>();
        return await db.IdempotencyKeys.CountAsync(k => k.AccountId == id, TestContext.Current.CancellationToken);
    }
}
