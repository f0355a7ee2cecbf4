using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Imports of the same people at the same time (F9).</summary>
public sealed class ConcurrentImportTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const int People = 1_000;

    [Theory]
    [InlineData("skip")]
    [InlineData("merge")]
    [InlineData("overwrite")]
    public async Task Opposite_orders_make_each_person_once_and_every_row_has_its_outcome(string strategy)
    {
        using var client = await app.CreateClientAsync();
        using var bystander = await app.CreateClientAsync();
        _ = await bystander.ImportAsync(FileOf("Person", Enumerable.Range(0, 10)));
        var untouched = (await bystander.PostAsync("contacts-list", new { limit = 1000 })).Text;

        List<Guid> imports = [];
        for (var n = 0; n < 8; n++)
        {
            var people = Enumerable.Range(0, People);
            // Each file has names of its own, so that each of its rows changes what another file wrote.
            imports.Add(await client.UploadedAsync(FileOf($"Person {n} of", n % 2 == 0 ? people : people.Reverse())));
        }

        await Task.WhenAll(imports.Select(id => client.ConfirmAsync(id, "email,first_name", new { duplicate_strategy = strategy })));
        var jobs = await Task.WhenAll(imports.Select(client.FinishAsync));

        Assert.All(jobs, job => Assert.Equal(("completed", 0L), (job.Text("status"), job.GetProperty("failed_count").GetInt64())));
        Assert.Equal(People, jobs.Sum(job => job.GetProperty("created_count").GetInt64()));
        Assert.Equal(7 * People, jobs.Sum(job => job.GetProperty(strategy == "skip" ? "skipped_count" : "updated_count").GetInt64()));
        Assert.Equal(People, (await client.PostAsync("contacts-count", new { })).Result.GetProperty("count").GetInt32());
        Assert.Equal(untouched, (await bystander.PostAsync("contacts-list", new { limit = 1000 })).Text);
    }

    private static string FileOf(string name, IEnumerable<int> people)
    {
        StringBuilder csv = new("email,first_name\n");
        foreach (var n in people) csv.Append(null, $"p{n}@example.com,{name} {n}\n");
        return csv.ToString();
    }
}
