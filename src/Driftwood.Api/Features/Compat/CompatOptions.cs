namespace Driftwood.Api.Features.Compat;

/// <summary>The settings that every service has; a service with settings of its own inherits them.</summary>
internal record CompatOptions
{
    /// <summary>The accounts that may use the routes: <c>*</c> for all, or ids with commas between. Empty: none.</summary>
    public string Accounts { get; init; } = "";

    /// <summary>Binds a service's section; a setting that it does not have is an error.</summary>
    public static T Read<T>(IConfigurationSection settings)
        where T : CompatOptions, new() => settings.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
}
