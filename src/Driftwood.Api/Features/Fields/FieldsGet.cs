using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.Fields;

internal static class FieldsGet
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static Task<FieldView> HandleAsync(Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken) =>
        db.ReadFieldAsync(caller, request.Id, cancellationToken);
}
