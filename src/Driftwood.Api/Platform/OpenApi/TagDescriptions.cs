using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Platform.OpenApi;

/// <summary>Says what the routes of each tag are about.</summary>
internal sealed class TagDescriptions : IDocumentFilter
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["Accounts"] = "What holds for the whole account.",
        ["Audit"] = "Who changed what, when and from where.",
        ["Bulk jobs"] = "One operation on many records, or many records each with its own values.",
        ["Companies"] = "Single companies, lists and counts.",
        ["Contacts"] = "Single contacts, lists and counts.",
        ["Fields"] = "Custom fields of record types.",
        ["Fulcrum"] = "The batch operations that Fulcrum's clients call.",
        ["Imports"] = "Files into records: request an upload, PUT the file, complete the upload, confirm, watch, read errors.",
        ["Knock"] = "The bulk operations that Knock's clients call.",
        ["Record types"] = "Record types of the account's own.",
        ["Records"] = "Records of any type, which the request names.",
        ["Sources"] = "Single sources, lists and counts.",
        ["Tags"] = "The tags in use.",
        ["Tokens"] = "The tokens of the account, and who the caller is.",
        ["Users"] = "The users of the account.",
        ["Zendesk"] = "The custom object jobs that Zendesk's clients call.",
    };

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        foreach (var tag in swaggerDoc.Tags ?? new HashSet<OpenApiTag>())
        {
            if (tag.Name is { } name && Texts.TryGetValue(name, out var text)) tag.Description = text;
        }
    }
}
