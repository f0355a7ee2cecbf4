using Driftwood.Api.Platform.Services;

namespace Driftwood.Api.Features.Compat;

/// <summary>
/// Another service whose published clients Driftwood serves. Each has a folder of its own beside this file, which holds translations
/// only. Services are found by this interface, so that a new one changes no file outside its folder.
/// </summary>
internal interface ICompatService
{
    /// <summary>The name of its section under <c>Driftwood:Compat</c>.</summary>
    string Name { get; }

    /// <summary>Registers what its handlers use.</summary>
    void Add(IServiceCollection services)
    {
    }

    /// <summary>Maps its routes.</summary>
    /// <param name="app">Where they are mapped; paths are absolute.</param>
    /// <param name="settings">The service's own section.</param>
    /// <exception cref="FormatException">A setting is wrong.</exception>
    void Map(IEndpointRouteBuilder app, IConfigurationSection settings);
}
