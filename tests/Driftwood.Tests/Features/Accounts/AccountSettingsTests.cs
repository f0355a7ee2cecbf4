using System.Net;
using Driftwood.Api.Platform.Security;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Accounts;

public sealed class AccountSettingsTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string File = "email,phone\nida@example.com,0171 1234567\n";

    [Fact]
    public async Task A_country_is_kept_for_the_account_alone_and_can_be_taken_back()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        Assert.Null(await CountryAsync(client));

        var updated = (await client.PostAsync("account-settings-update", new { phone_country = "de" })).Result;

        Assert.Equal("DE", updated.Text("phone_country"));
        Assert.Equal("DE", await CountryAsync(client));
        Assert.Null(await CountryAsync(other));
        _ = (await client.PostAsync("account-settings-update", """{"phone_country": null}""")).Result;
        Assert.Null(await CountryAsync(client));
    }

    [Theory]
    [InlineData("Germany")]
    [InlineData("")]
    [InlineData("XX")]
    public async Task A_country_that_is_not_known_is_refused(string country)
    {
        using var client = await app.CreateClientAsync();

        var refused = (await client.PostAsync("account-settings-update", new { phone_country = country }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        Assert.Equal("invalid_choice", refused.Detail("phone_country").Text("code"));
    }

    [Fact]
    public async Task Only_administrators_change_settings()
    {
        using var client = app.CreateClient(await app.CreateAccountAsync(Scopes.Read, Scopes.Write));

        (await client.PostAsync("account-settings-update", new { phone_country = "DE" })).Expect(HttpStatusCode.Forbidden, "forbidden");
        Assert.Null(await CountryAsync(client));
    }

    [Theory]
    [InlineData(null, "+491711234567", "DE")]
    [InlineData("", "0171 1234567", null)]
    [InlineData("AT", "+431711234567", "AT")]
    public async Task An_import_has_the_country_of_the_account_unless_it_says_another(string? given, string phone, string? country)
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("account-settings-update", new { phone_country = "DE" })).Result;

        var job = await client.ImportAsync(File, given is null ? null : new { phone_country = given });

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal(country, job.Text("phone_country"));
        Assert.Equal([phone], await client.ValuesAsync("phone"));
    }

    private static async Task<string?> CountryAsync(HttpClient client) =>
        (await client.PostAsync("account-settings-get", "{}")).Result.Text("phone_country");
}
