using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Accounts;

internal static class AccountSettingsGet
{
    public static Task<AccountSettingsView> HandleAsync(Caller caller, DriftwoodDb db, CancellationToken cancellationToken) =>
        db.Accounts.AsNoTracking()
            .Where(account => account.Id == caller.AccountId)
            .Select(account => new AccountSettingsView(account.PhoneCountry))
            .SingleAsync(cancellationToken);
}
