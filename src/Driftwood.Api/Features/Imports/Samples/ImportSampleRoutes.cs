using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Imports.Samples;

internal static class ImportSampleRoutes
{
    public static void MapImportSamples(this IEndpointRouteBuilder api) =>
        api.MapGroup("").WithTags("Imports").MapRpc("imports-preview", ImportsPreview.HandleAsync)
            .WithSummary("The first rows as the settings would import them")
            .WithDescription(
                """
                Takes the settings of imports-confirm and changes nothing: transforms, value maps, defaults, computed fields and constants
                are applied to the first rows of the file, and each row has the values of its fields, with the reasons why it would fail
                or be taken in part. No record is looked up, so what depends on records is not told; a dry run tells that.
                """)
            .WithExample(
                """
                {
                    "id": "01977c20-11aa-7b3c-9d4e-5f6071829304",
                    "column_mapping": {
                        "Email": "email",
                        "City": {"field": "city", "transforms": ["upper"]},
                        "Level": {"field": "level", "unknown": "blank"}
                    }
                }
                """,
                ImportsPreview.Example)
            .Reads(Scopes.Read, Scopes.Bulk);
}
