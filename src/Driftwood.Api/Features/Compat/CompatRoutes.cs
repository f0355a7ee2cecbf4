using Driftwood.Api.Platform.Hosting;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Compat;

/// <summary>Registers and maps the services in the folders beside this file.</summary>
internal static class CompatRoutes
{
    private static readonly IReadOnlyList<ICompatService> Services =
    [
        .. typeof(ICompatService).Assembly.GetTypes()
            .Where(type => type is { IsInterface: false, IsAbstract: false } && type.IsAssignableTo(typeof(ICompatService)))
            .Select(type => (ICompatService)Activator.CreateInstance(type)!)
            .OrderBy(service => service.Name, StringComparer.Ordinal),
    ];

    public static void AddCompat(this IServiceCollection services)
    {
        services.AddScoped<CompatJobs>();
        services.AddScoped<CompatRecords>();
        services.AddScoped<DraftBatches>();
        services.AddScoped<OpenTargets>();
        foreach (var service in Services) service.Add(services);
    }

    /// <exception cref="OptionsValidationException">A section is not the name of a service, or one of its settings is wrong.</exception>
    public static void MapCompat(this WebApplication app)
    {
        var settings = app.Configuration.GetSection($"{DriftwoodOptions.Section}:{nameof(DriftwoodOptions.Compat)}");
        foreach (var section in settings.GetChildren())
        {
            if (Services.Any(service => service.Name.Equals(section.Key, StringComparison.OrdinalIgnoreCase))) continue;
            var known = string.Join(", ", Services.Select(service => service.Name));
            throw new OptionsValidationException(
                section.Path, typeof(DriftwoodOptions), [$"{section.Path} is not a service: expected one of {known}."]);
        }

        foreach (var service in Services) Map(app, service, settings.GetSection(service.Name));
    }

    private static void Map(WebApplication app, ICompatService service, IConfigurationSection settings)
    {
        try
        {
            service.Map(app, settings);
        }
        catch (FormatException wrong)
        {
            throw new OptionsValidationException(settings.Path, typeof(DriftwoodOptions), [$"{settings.Path}: {wrong.Message}"]);
        }
    }
}
