using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Imports.Templates;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Imports.Templates;

internal static class ImportsTemplate
{
    private const string CsvContentType = "text/csv; charset=utf-8";

    public const string Example =
        "Name,Kind,URL,Description,Tags,External ID\r\n"
        + "Example 1f0c2b7e,Website,https://www.example.com,An example. Replace this row with your own.,\"VIP,Newsletter\","
        + "EXAMPLE-1F0C2B7E\r\n";

    /// <summary>The kinds of files.</summary>
    internal enum FileKind
    {
        Csv,
        Xlsx,
    }

    internal sealed record Request
    {
        /// <summary>The record type of the rows.</summary>
        public required string ModelType { get; init; }

        /// <summary>csv or xlsx. Default csv.</summary>
        public FileKind? Format { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.ModelType).RecordTypeKey();
    }

    public static async Task<IResult> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, CancellationToken cancellationToken)
    {
        var type = await types.RequireAsync(caller, request.ModelType, "model_type", cancellationToken);
        var columns = ImportTemplate.Of(type);
        using var file = new MemoryStream();
        if (request.Format == FileKind.Xlsx) await TemplateWorkbook.WriteAsync(file, columns, cancellationToken);
        else await TemplateCsv.WriteAsync(file, columns, cancellationToken);
        return request.Format == FileKind.Xlsx
            ? Results.File(file.ToArray(), TemplateWorkbook.ContentType, $"{type.Key}-template.xlsx")
            : Results.File(file.ToArray(), CsvContentType, $"{type.Key}-template.csv");
    }
}
