using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Files;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsResultsCsv
{
    public const string Example =
        "Name,Email,_row,_outcome,_record_id,_changed,_code,_message\r\n"
        + "Jane Smith,jane@example.com,1,created,550e8400-e29b-41d4-a716-446655440000,,,\r\n"
        + "Tom Field,tom@example.com,2,updated,550e8400-e29b-41d4-a716-446655440001,first_name: Thomas → Tom,,\r\n";

    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<IResult> HandleAsync(
        Request request, Caller caller, ImportReader imports, ImportReceipts receipts, CancellationToken cancellationToken)
    {
        var job = await imports.FindAsync(caller, request.Id, cancellationToken);
        var receipt = await receipts.GetAsync(caller, job, cancellationToken);
        return new RangedFile(
            token => receipts.OpenAsync(receipt, token),
            receipt.ByteLength,
            Convert.ToHexStringLower(receipt.Sha256),
            ImportsErrorsCsv.ContentType,
            $"{FileNames.Stem(job.Import!.Upload!.FileName)}-results.csv");
    }
}
