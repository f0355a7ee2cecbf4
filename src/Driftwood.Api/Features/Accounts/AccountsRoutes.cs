using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Accounts;

internal static class AccountsRoutes
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("").WithTags("Accounts");

        accounts.MapRpc("account-settings-get", AccountSettingsGet.HandleAsync)
            .WithSummary("The account's settings")
            .WithExample("{}", AccountSettingsView.Example)
            .Reads();

        accounts.MapRpc("account-settings-update", AccountSettingsUpdate.HandleAsync)
            .WithSummary("Change the account's settings")
            .WithDescription("What an import says itself wins over the account's setting. Confirmed imports stay as they are.")
            .WithExample("""{"phone_country": "DE"}""", AccountSettingsView.Example)
            .RequireScope(Scopes.Admin)
            .InTransaction();
    }
}
