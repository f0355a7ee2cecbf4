namespace Driftwood.Api.Features.Compat;

/// <summary>The settings that every service has; a service with settings of its own inherits them.</summary>
internal record CompatOptions
{
    /// <summary>The accounts that may use the routes: <c>*</c> for all, or ids with commas between. Empty: none.</summary>
    public string Accounts { get; init; } = "";

    /// <summary>Binds a service's section.</summary>
    /// <exception cref="FormatException">The service does not have a setting, or its value has another form.</exception>
    public static T Read<T>(IConfigurationSection settings)
        where T : CompatOptions, new()
    {
        try
        {
            return settings.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
        }
        catch (InvalidOperationException refused)
        {
            throw new FormatException(refused.Message, refused);
        }
    }
}
