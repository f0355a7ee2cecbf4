using FluentValidation;

namespace Driftwood.Api.Platform.Requests;

internal static class ValidationServices
{
    /// <summary>Registers every validator of this assembly, and has failures speak of members as the wire does.</summary>
    public static IServiceCollection AddValidators(this IServiceCollection services)
    {
        ValidatorOptions.Global.PropertyNameResolver = (_, member, _) => member is null ? null : WireJson.Name(member.Name);
        ValidatorOptions.Global.DisplayNameResolver = (_, member, _) => member is null ? null : WireJson.Name(member.Name);
        foreach (var found in AssemblyScanner.FindValidatorsInAssembly(typeof(Program).Assembly, includeInternalTypes: true))
            services.AddSingleton(found.InterfaceType, found.ValidatorType);
        return services;
    }
}
