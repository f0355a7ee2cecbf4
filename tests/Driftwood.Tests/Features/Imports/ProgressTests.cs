using System.Text;

namespace Driftwood.Tests.Features.Imports;

public sealed class ProgressTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Theory]
    [InlineData("skip")]
    [InlineData("merge")]
    public async Task Counters_add_up_at_every_poll_of_a_running_import(string strategy)
    {
        using var client = await app.CreateClientAsync();
        StringBuilder csv = new("email,first_name\n");
        for (var n = 1; n <= 5_000; n++)
        {
            csv.Append(null, $"{(n % 50 == 0 ? "bad@@" : "")}person{n % 4_000}@example.com,Person {n}\n");
        }

        var id = await client.UploadedAsync(csv.ToString());
        var confirmed = (await client.ConfirmAsync(id, "email,first_name", new { duplicate_strategy = strategy })).Result;
        Assert.Equal(5_000, confirmed.GetProperty("total_rows").GetInt32());
        HashSet<long> seen = [];
        var job = await Eventually.GetAsync(
            async () => (await client.PostAsync("imports-get", new { id })).Result,
            polled =>
            {
                var processed = polled.GetProperty("processed_rows").GetInt64();
                var sum = new[] { "created", "updated", "skipped", "failed" }.Sum(
                    counter => polled.GetProperty($"{counter}_count").GetInt64());
                Assert.True(sum == processed && processed <= 5_000 && processed >= seen.DefaultIfEmpty().Max(), $"{polled}");
                seen.Add(processed);
                return polled.Text("status") != "processing";
            });

        Assert.Equal(strategy == "skip" ? "completed 5000: 3920/0/980/100" : "completed 5000: 3920/980/0/100", job.Outcome());
        Assert.True(seen.Count > 2, $"Only {string.Join(", ", seen)} were seen.");
        Assert.Null(job.Text("eta_seconds"));
        Assert.True(job.GetProperty("rows_per_second").GetDouble() > 0);
        Assert.True(job.GetProperty("completed_at").GetDateTimeOffset() >= job.GetProperty("started_at").GetDateTimeOffset());
        Assert.Equal(100, (await client.ErrorsAsync(id)).Length);
        Assert.Equal(3920, (await client.PostAsync("contacts-count", new { })).Result.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Two_lanes_give_what_one_gives()
    {
        using var client = await app.CreateClientAsync();
        StringBuilder csv = new("email,first_name\n");
        for (var n = 1; n <= 40_000; n++) csv.Append(null, $"p{n % 20_000}@example.com,{n}\n");
        for (var n = 1; n <= 100; n++) csv.Append(null, $",{n}\n");
        var job = await client.ImportAsync(csv.ToString(), new { duplicate_strategy = "merge" });

        Assert.Equal("completed 40100: 20100/20000/0/0", job.Outcome());
        Assert.Equal(2L, await app.ScalarAsync($"select count(*) from lanes where job_id = '{job.Id()}'"));
        Assert.Equal(20_000L, await app.ScalarAsync($"""
            select count(*) from contacts
            where account_id = (select account_id from jobs where id = '{job.Id()}') and email_key is not null
                and first_name ~ '^[234][0-9][0-9][0-9][0-9]$'
            """));
    }
}
