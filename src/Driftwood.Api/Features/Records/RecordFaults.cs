using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

/// <summary>Turns the engine's faults into the API's errors.</summary>
internal static class RecordFaults
{
    /// <param name="faults">Faults of fields.</param>
    /// <param name="path">The path before a field in this request: <c>fields.</c> or nothing.</param>
    /// <param name="others">Faults of other members of the request. They come first.</param>
    public static void ThrowIfAny(IReadOnlyList<Fault> faults, string path, params IReadOnlyList<Fault> others)
    {
        if (faults.Count + others.Count == 0) return;
        throw ApiException.Validation([.. others, .. faults.Select(fault => ToDetail(fault, path))]);
    }

    /// <summary>404, with the same message whether the id never existed or belongs to another account.</summary>
    public static ApiException NotFound(RecordType type, Guid id) => ApiException.NotFound($"record of {type.Key}", id);

    private static Fault ToDetail(Fault fault, string path) =>
        new(path + Found.Shorten(fault.Path), fault.Code, fault.Message, fault.Accepted);
}
