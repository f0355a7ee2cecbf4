using Driftwood.Tests.Features.Compat;

namespace Driftwood.Tests.Platform;

/// <summary>The committed copy of the OpenAPI document, and clients that are made of the served one.</summary>
public sealed class OpenApiClientTests(PostgresServer server) : AppPerTest(server)
{
    private const string Copy = "docs/openapi.json";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>With DRIFTWOOD_WRITE_DOCS=1 in the environment, the test writes the copy instead.</summary>
    [Fact]
    public async Task The_committed_copy_is_the_document_that_is_served()
    {
        var served = await ReadAsync();
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_WRITE_DOCS") == "1")
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, Copy), served, Cancellation);

        Assert.Equal(served, Repository.Read(Copy));
    }

    [Fact]
    public async Task A_TypeScript_client_made_of_the_document_compiles_strictly_and_runs_an_import_and_a_bulk_job()
    {
        var document = await ReadAsync();
        using var caller = App.CreateClient();
        var account = await App.CreateAccountAsync();

        var lines = await NodeClient.RunScriptAsync(
            "typescript",
            folder => File.WriteAllText(Path.Combine(folder, "openapi.json"), document),
            ("DRIFTWOOD_URL", caller.BaseAddress!.GetLeftPart(UriPartial.Authority)),
            ("DRIFTWOOD_TOKEN", account.Token));

        Assert.Equal(
            [
                "preview 3 Email|First Name",
                "import completed 2 created, 1 failed",
                "row 3 invalid_email",
                "bulk job completed 2 of 2",
                "refused 404 not_found",
                "exit 0",
            ],
            lines);
    }

    [Theory]
    [InlineData("nswag")]
    [InlineData("kiota")]
    public async Task A_CSharp_client_of_the_committed_copy_compiles_and_runs_an_import_and_a_bulk_job(string generator)
    {
        using var caller = App.CreateClient();
        var account = await App.CreateAccountAsync();

        var lines = await DotnetClient.RunAsync(
            generator,
            ("DRIFTWOOD_URL", caller.BaseAddress!.GetLeftPart(UriPartial.Authority)),
            ("DRIFTWOOD_TOKEN", account.Token));

        Assert.Equal(
            [
                "me ingrid@fjord.example",
                "put 70 bytes",
                "preview 3 Email|First Name",
                "import Completed 2 created, 1 failed, Create_only, Keep",
                "row 3 invalid_email",
                "errors Email,First Name,_row,_code,_message",
                "results Email,First Name,_row,_outcome,_record_id,_changed,_code,_message",
                "contacts b@example.com a@example.com",
                "bulk job Completed 2 of 2",
                "refused 404 not_found",
                "exit 0",
            ],
            lines);
    }

    /// <summary>The rules, and the reasons for those that are off, are in <c>tests/clients/lint</c>.</summary>
    [Fact]
    public async Task The_document_passes_redocly_and_spectral()
    {
        var document = await ReadAsync();

        var lines = await NodeClient.RunScriptAsync(
            "lint", folder => File.WriteAllText(Path.Combine(folder, "openapi.json"), document));

        Assert.True(lines[^1] == "exit 0", string.Join('\n', lines));
    }

    private async Task<string> ReadAsync()
    {
        using var client = App.CreateClient();
        var text = await client.GetStringAsync(new Uri("/swagger/v1/swagger.json", UriKind.Relative), Cancellation);
        return text.ReplaceLineEndings("\n").TrimEnd() + "\n";
    }
}
