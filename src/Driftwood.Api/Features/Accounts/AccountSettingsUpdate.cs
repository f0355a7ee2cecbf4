using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Cells;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Accounts;

internal static class AccountSettingsUpdate
{
    internal sealed record Request
    {
        /// <summary>
        /// The country of phone numbers without a country code, such as DE, for all imports that do not say it. Null: there is none.
        /// </summary>
        public required string? PhoneCountry { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.PhoneCountry).Custom((country, context) =>
        {
            if (country is null || PhoneCountries.IsKnown(country.ToUpperInvariant())) return;
            var message = $"Found {Found.Describe(country)}, expected the two letters of a country, such as DE.";
            context.Fail("phone_country", "invalid_choice", message, PhoneCountries.All);
        });
    }

    public static async Task<AccountSettingsView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        var account = await db.Accounts.SingleAsync(account => account.Id == caller.AccountId, cancellationToken);
        account.PhoneCountry = request.PhoneCountry?.ToUpperInvariant();
        await db.SaveChangesAsync(cancellationToken);
        return new AccountSettingsView(account.PhoneCountry);
    }
}
