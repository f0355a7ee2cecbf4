using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Fields;

/// <summary>Makes values unique and shared again, many times, while imports and single writes change them.</summary>
public sealed class UniqueSwitchRaceTests(FieldsApp app) : IClassFixture<FieldsApp>
{
    private const int Imports = 4;
    private const int RowsPerImport = 140;
    private const int Writers = 3;
    private const int LeastSwitchedOn = 5;
    private const int MostSwitches = 5_000;

    // Counts the answers by kind. The test prints them at its end.
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private HttpClient _client = null!;

    [Fact]
    public async Task Values_of_a_custom_field_are_kept_apart_exactly_while_it_is_unique()
    {
        _client = await app.CreateClientAsync();
        var field = await _client.CreateFieldAsync("code");
        await RaceAsync("contacts", "code", field.Id(), unique => _client.SetUniqueAsync(field, unique));
    }

    [Fact]
    public async Task Names_of_a_custom_type_are_kept_apart_exactly_while_they_are_unique()
    {
        var account = await app.CreateAccountAsync();
        _client = app.CreateClient(account);
        _ = (await _client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        var typeId = Guid.Parse(
            Assert.Single(
            await app.RowsAsync("select id::text from record_types where account_id = @account", ("account", account.AccountId))));
        await RaceAsync(
            "tickets", "name", typeId, unique =>
            _client.PostAsync("record-types-update", new { key = "tickets", name_is_unique = unique }));
    }

    /// <param name="uniqueId">The id under which the unique values are stored.</param>
    private async Task RaceAsync(string type, string field, Guid uniqueId, Func<bool, Task<Answer>> setUnique)
    {
        var imports = await Task.WhenAll(Enumerable.Range(0, Imports).Select(n => StartImportAsync(type, field, n)));
        using CancellationTokenSource stopping = new();
        var jobs = Task.WhenAll(imports.Select(_client.FinishAsync));
        var writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(n => WriteAsync(type, field, n, stopping.Token)));
        try
        {
            await SwitchAsync(jobs, uniqueId, setUnique);
        }
        finally
        {
            await stopping.CancelAsync();
            await writers;
        }

        Assert.All(await jobs, job => Assert.Equal(("completed", 0L), (job.Text("status"), job.GetProperty("failed_count").GetInt64())));
        Assert.Empty(await FlawsAsync(uniqueId));
        // No two records share a value any more.
        _ = (await setUnique(true)).Result;
        Assert.Empty(await FlawsAsync(uniqueId));
        Assert.InRange((await app.UniqueValuesAsync(uniqueId)).Count, RowsPerImport, int.MaxValue);
        _ = (await setUnique(false)).Result;
        Assert.Empty(await app.UniqueValuesAsync(uniqueId));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", _answers));
    }

    /// <summary>Two imports each give the same records values, in opposite orders. No two records get the same value.</summary>
    private async Task<Guid> StartImportAsync(string type, string field, int number)
    {
        StringBuilder csv = new($"external_id,{field}\n");
        var rows = Enumerable.Range(0, RowsPerImport);
        foreach (var n in number % 2 == 0 ? rows : rows.Reverse()) csv.Append(null, $"p{number / 2}-{n},i{number}-{n}\n");
        var id = await _client.UploadedAsync(csv.ToString(), type);
        var settings = new { match_on = "external_id", duplicate_strategy = number < Imports / 2 ? "overwrite" : "merge" };
        _ = (await _client.ConfirmAsync(id, $"external_id,{field}", settings)).Result;
        return id;
    }

    private async Task SwitchAsync(Task imports, Guid uniqueId, Func<bool, Task<Answer>> setUnique)
    {
        var switchedOn = 0;
        for (var i = 0; !imports.IsCompleted || switchedOn < LeastSwitchedOn; i++)
        {
            Assert.True(i < MostSwitches, string.Join(", ", _answers));
            var unique = i % 2 == 0;
            var answer = Expected(await setUnique(unique));
            if (unique && answer.Status == HttpStatusCode.OK) switchedOn++;
            // Every moment is as good as the end, because writers and switches commit records and unique values together.
            Assert.Empty(await FlawsAsync(uniqueId));
            // Each switch sends the chunks of the imports back to their beginning. Some chunks succeed between two switches.
            await Task.Delay(Random.Shared.Next(300), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Gives its own record ever new values. Now and then makes a record with a value that the other writers use too.</summary>
    private async Task WriteAsync(string type, string field, int number, CancellationToken stopping)
    {
        Task<Answer> CreateAsync(string value) =>
            _client.PostAsync(
                "records-create",
                new
                {
                    record_type = type,
                    fields = new Dictionary<string, string> { [field] = value, ["external_id"] = $"{Guid.CreateVersion7()}" }
                });
        Task<Answer> UpdateAsync(JsonElement record, string value) =>
            _client.PostAsync(
                "records-update",
                new { record_type = type, id = record.Id(), fields = new Dictionary<string, string> { [field] = value } });

        var own = await UntilDoneAsync(() => CreateAsync($"own {number}"));
        for (var i = 0; !stopping.IsCancellationRequested; i++)
        {
            Expected(await UpdateAsync(own, $"own {number} {i}"));
            if (i % 4 > 0) continue;
            var shared = Expected(await CreateAsync("shared"));
            // If the record kept the shared value, the values could never become unique again.
            if (shared.Status == HttpStatusCode.OK) await UntilDoneAsync(() => UpdateAsync(shared.Result, $"given up {number} {i}"));
        }
    }

    private async Task<JsonElement> UntilDoneAsync(Func<Task<Answer>> ask)
    {
        var result = await Eventually.GetAsync<JsonElement?>(
            async () => Expected(await ask()) is { Status: HttpStatusCode.OK } done ? done.Result : null, result => result is not null);
        return result!.Value;
    }

    private Answer Expected(Answer answer)
    {
        var told = answer.Status == HttpStatusCode.OK ? "200"
            : answer.Status == HttpStatusCode.UnprocessableEntity
                ? $"422 {string.Join(' ', answer.Details.Select(detail => detail.Split(": ")[1]))}"
            : $"{(int)answer.Status} {answer.Code}";
        _answers.AddOrUpdate(told, 1, (_, count) => count + 1);
        Assert.True(
            told is "200" or "409 duplicate_values" or "409 record_type_changed" or "422 duplicate_value" or "503 database_busy",
            answer.Text);
        return answer;
    }

    /// <summary>
    /// Lists the differences between unique values and records. There may be no unique values at all while values may be shared. A
    /// single statement sees everything at one moment.
    /// </summary>
    private Task<List<string>> FlawsAsync(Guid uniqueId) => app.RowsAsync(
        """
        with wanted as (
            select r.custom ->> f.slot::text as key, r.id as record_id
            from fields f join contacts r on r.account_id = f.account_id
            where f.id = @id and f.is_unique and r.custom ? f.slot::text
            union all
            select r.name_key, r.id
            from record_types t join custom_records r on r.account_id = t.account_id and r.type_id = t.id
            where t.id = @id and t.name_is_unique
        ), found as (
            select key, record_id from unique_values where field_id = @id
        )
        select 'missing: ' || w.key || ' ' || w.record_id from (select key, record_id from wanted except select key, record_id from found) w
        union all
        select 'too many: ' || f.key || ' ' || f.record_id
            from (select key, record_id from found except select key, record_id from wanted) f
        """,
        ("id", uniqueId));
}
