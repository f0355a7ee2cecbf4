using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>Describes types by the contract that reads and writes the wire.</summary>
internal sealed class WireContracts : ISerializerDataContractResolver
{
    private readonly JsonSerializerDataContractResolver _contracts = new(WireJson.Options);

    public DataContract GetDataContractForType(Type type)
    {
        var isOptional = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);
        return _contracts.GetDataContractForType(isOptional ? type.GetGenericArguments()[0] : type);
    }
}
