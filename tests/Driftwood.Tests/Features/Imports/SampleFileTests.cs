namespace Driftwood.Tests.Features.Imports;

/// <summary>The files in <c>samples/</c> give exactly what their README says.</summary>
public sealed class SampleFileTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private static readonly string[] Broken =
    [
        "87 98 Email email invalid_email jane@@example",
        "311 340 Birthday birthday invalid_date 31.02.1990",
        "452 488 - - wrong_column_count -",
        "798 862 - - wrong_column_count -",
        "1024 1109 Phone phone invalid_phone call me",
        "1333 1453 First Name first_name too_long …",
        "1617 1765 Last Name last_name invalid_characters M\uFFFDller",
        "1888 2056 Email email invalid_email pat.example.com",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("skip", "completed 2000: 1851/0/141/8")]
    [InlineData("merge", "completed 2000: 1851/132/9/8")]
    [InlineData("overwrite", "completed 2000: 1851/140/1/8")]
    public async Task Contacts_come_in_as_the_readme_says(string strategy, string outcome)
    {
        using var client = await app.CreateClientAsync();
        var job = await ImportAsync(client, "contacts", strategy);

        Assert.Equal(outcome, job.Outcome());
        var errors = await client.ErrorsAsync(job.Id());
        Assert.Equal(Broken.Select(Start), errors.Select(Start));
        Assert.Equal(1851, (await client.PostAsync("contacts-count", new { })).Result.GetProperty("count").GetInt32());

        var again = await ImportAsync(client, "contacts", "skip");
        Assert.Equal("completed 2000: 13/0/1979/8", again.Outcome());
        Assert.Equal(errors, await client.ErrorsAsync(again.Id()));
        Assert.Equal(1864, (await client.PostAsync("contacts-count", new { })).Result.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("companies", "completed 200: 200/0/0/0", "completed 200: 0/0/200/0")]
    [InlineData("sources", "completed 12: 12/0/0/0", "completed 12: 0/0/12/0")]
    public async Task Companies_and_sources_come_in_once(string type, string first, string second)
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal(first, (await ImportAsync(client, type, "skip")).Outcome());
        Assert.Equal(second, (await ImportAsync(client, type, "skip")).Outcome());
    }

    // The error of row 1333 shows its value of 400 characters in full. The comparison leaves this value out.
    private static string Start(string error) =>
        error.StartsWith("1333 ", StringComparison.Ordinal) ? error[..error.LastIndexOf(' ')] : error;

    private static async Task<System.Text.Json.JsonElement> ImportAsync(HttpClient client, string type, string strategy)
    {
        var file = await File.ReadAllBytesAsync(Path.Combine(Repository(), "samples", $"{type}.csv"), Cancellation);
        var completed = (await client.UploadAsync(file, type)).Result;
        var id = completed.GetProperty("job").Id();
        var mapping = completed.GetProperty("preview").GetProperty("suggested_mapping");
        Assert.Equal(completed.GetProperty("preview").GetProperty("headers").GetArrayLength(), mapping.EnumerateObject().Count());
        _ = (await client.PostAsync("imports-confirm", new { id, column_mapping = mapping, duplicate_strategy = strategy })).Result;
        return await client.FinishAsync(id);
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(Path.GetDirectoryName(SourceFile())!);
        while (!File.Exists(Path.Combine(directory.FullName, "Driftwood.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }

    private static string SourceFile([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;
}
