using System.Net;
using Driftwood.Api.Platform.Errors;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Driftwood.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Driftwood.Tests.Features.Records;

public sealed class RecordRaceTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    private readonly HttpClient _client = app.CreateClient();

    [Fact]
    public async Task Updates_of_different_fields_at_once_all_stay()
    {
        var id = await CreateAsync(new { first_name = "Busy" });
        string[] fields = ["last_name", "city", "state", "country", "job_title", "address", "postal_code", "description"];
        await Task.WhenAll(
            fields.Select(
            async field => (await _client.PostAsync("contacts-update", $$"""{"id":"{{id}}","{{field}}":"{{field}}"}""")).Result));
        var record = (await _client.PostAsync("contacts-get", new { id })).Result;
        Assert.All(fields, field => Assert.Equal(field, record.GetProperty(field).GetString()));
    }

    [Fact]
    public async Task Two_updates_that_each_leave_enough_cannot_together_leave_nothing()
    {
        for (var round = 0; round < 20; round++)
        {
            var id = await CreateAsync(new { email = $"race{round}@example.com", phone = "+4722334455" });
            var answers = await Task.WhenAll(
                _client.PostAsync("contacts-update", new { id, email = (string?)null }),
                _client.PostAsync("contacts-update", new { id, phone = (string?)null }));
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity], answers.Select(answer => answer.Status).Order());
        }
    }

    [Fact]
    public async Task One_of_two_creates_with_a_unique_value_at_once_is_refused()
    {
        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(
                Enumerable.Range(0, 4).Select(_ => _client.PostAsync("sources-create", new { name = $"Race {round}" })));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.All(
                answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
                Assert.Equal(["name: duplicate_value"], answer.Details));
        }
    }

    [Fact]
    public async Task A_statement_that_waits_too_long_for_a_lock_is_cancelled_and_tells_the_caller_to_come_back()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = await CreateAsync(new { first_name = "Locked" });
        await using var holder = await app.DataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await holder.BeginTransactionAsync(cancellation);
        await using (
            var hold = new NpgsqlCommand(
            "select id from contacts where id = $1 for update", holder)
            { Parameters = { new() { Value = id } } })
        {
            await hold.ExecuteNonQueryAsync(cancellation);
        }

        RecordStore records = new(app.DataSource) { StatementTimeout = TimeSpan.FromSeconds(1), DeleteTimeout = TimeSpan.FromSeconds(1) };
        await using var writer = await app.DataSource.OpenConnectionAsync(cancellation);
        RecordValues values = new();
        Assert.Null(values.Set(RecordTypes.Contacts.Find("city")!, "Oslo"));
        var first = await writer.BeginTransactionAsync(cancellation);
        var update = await Assert.ThrowsAnyAsync<NpgsqlException>(
            () => records.UpdateAsync(
                writer, RecordTypes.Contacts, app.Account.AccountId, app.Account.UserId, id, values, cancellation));
        Assert.Equal(503, Failures.From(update).Status);
        await first.DisposeAsync();
        await using var second = await writer.BeginTransactionAsync(cancellation);
        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(
            () => records.DeleteAsync(
                writer, RecordTypes.Contacts, app.Account.AccountId, app.Account.UserId, id, cancellation));
        Assert.Equal(503, Failures.From(failure).Status);
        await using var waiting = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", holder);
        Assert.Equal(0L, await waiting.ExecuteScalarAsync(cancellation));
    }

    [Fact]
    public async Task A_write_waits_three_seconds_for_a_change_of_its_types_fields_and_then_tells_the_caller_to_come_back()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var changing = await app.DataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await changing.BeginTransactionAsync(cancellation);
        await RecordSchemaLock.TakeAsync(changing, app.Account.AccountId, "sources", cancellation);

        var answer = (await _client.PostAsync("sources-create", new { name = "Waiting" }))
            .Expect(HttpStatusCode.ServiceUnavailable, "database_busy");
        Assert.Equal("1", answer.Header("Retry-After"));

        await transaction.RollbackAsync(cancellation);
        Assert.Equal(HttpStatusCode.OK, (await _client.PostAsync("sources-create", new { name = "Waiting" })).Status);
    }

    private async Task<Guid> CreateAsync(object fields) =>
        (await _client.PostAsync("contacts-create", fields)).Result.GetProperty("id").GetGuid();
}
