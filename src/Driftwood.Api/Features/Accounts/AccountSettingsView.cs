namespace Driftwood.Api.Features.Accounts;

/// <summary>The settings of an account.</summary>
/// <param name="PhoneCountry">
/// The country of the phone numbers that have no country code, such as DE, in files whose import does not say it; null if there is none.
/// </param>
internal sealed record AccountSettingsView(string? PhoneCountry)
{
    public static readonly AccountSettingsView Example = new("DE");
}
