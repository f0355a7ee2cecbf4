using Driftwood.Tests.Features.Compat;

namespace Driftwood.Tests.Platform;

/// <summary>The pages at /swagger, in headless Chromium.</summary>
public sealed class SwaggerUiTests(PostgresServer server) : AppPerTest(server)
{
    /// <summary>The picture of the page stays in the output folder of the tests.</summary>
    [Fact]
    public async Task An_import_a_bulk_job_and_a_failure_run_from_the_pages()
    {
        using var caller = App.CreateClient();
        var account = await App.CreateAccountAsync();
        var picture = Path.Combine(AppContext.BaseDirectory, "swagger-ui.png");
        File.Delete(picture);

        var lines = await NodeClient.RunAsync(
            "browser",
            ("DRIFTWOOD_URL", caller.BaseAddress!.GetLeftPart(UriPartial.Authority)),
            ("DRIFTWOOD_TOKEN", account.Token),
            ("DRIFTWOOD_PICTURE", picture));

        Assert.Equal(
            [
                "/ leads to /swagger/index.html",
                "authorised after a reload as ingrid@fjord.example",
                "PUT 200 90 bytes",
                "preview 3 Email|First Name|City",
                "import completed 2 created, 1 failed",
                "row 3 invalid_email",
                "bulk-jobs-create has 6 examples",
                "bulk job tag completed 2 of 2",
                "bulk-jobs-create shows 10 failures and 1 example",
                "an opened failure shows its example, 2 in all",
                "refused 404 not_found",
                "filtered to 1 tag",
                "exit 0",
            ],
            lines);
        Assert.True(new FileInfo(picture).Length > 10_000);
    }
}
