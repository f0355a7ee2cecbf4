using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

/// <summary>The engine's refusals in the API's words.</summary>
internal static class RecordFaults
{
    /// <param name="faults">About fields.</param>
    /// <param name="path">The path before a field in this request: <c>fields.</c> or nothing.</param>
    /// <param name="others">About other members of the request; told first.</param>
    public static void ThrowIfAny(IReadOnlyList<Fault> faults, string path, params IReadOnlyList<Fault> others)
    {
        if (faults.Count + others.Count == 0) return;
        throw ApiException.Validation([.. others, .. faults.Select(fault => ToDetail(fault, path))]);
    }

    /// <summary>404, in the same words whether the id never existed or belongs to another account.</summary>
    public static ApiException NotFound(RecordType type, Guid id) => ApiException.NotFound($"record of {type.Key}", id);

    private static Fault ToDetail(Fault fault, string path) =>
        new(path + Found.Shorten(fault.Path), fault.Code, fault.Message, fault.Accepted);
}
