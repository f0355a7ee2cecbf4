using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Imports.Templates;

internal static class ImportTemplateRoutes
{
    public static void MapImportTemplates(this IEndpointRouteBuilder api) =>
        api.MapGroup("").WithTags("Imports").MapRpc("imports-template", ImportsTemplate.HandleAsync)
            .WithSummary("A file to fill in and import")
            .WithDescription(
                """
                A column for each field of the record type, custom fields too, and an example row to replace. The preview of the filled-in
                file suggests the right field for each column with certainty. Each answer has other unique values in its example.

                In a workbook, fields with options and booleans are drop-downs, and text stays as it is typed. `company_id` and
                `source_id` are blank in the example: an id of a record belongs there.
                """)
            .WithFileExample("""{"model_type": "sources", "format": "csv"}""", "text/csv", ImportsTemplate.Example)
            .WithMetadata(new AnswerContent(TemplateWorkbook.ContentType, null))
            .Reads(Scopes.Read, Scopes.Bulk);
}
