using System.Text.Json.Nodes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Driftwood.Api.Features.Records;

/// <summary>Describes the requests and answers of record routes from the fields of their type, because no class has them.</summary>
internal sealed class RecordOperations : IOperationFilter
{
    private const string Json = "application/json";

    /// <summary>The members that records of all custom types have.</summary>
    private static readonly RecordType CustomType = RecordTypes.AnyCustom;

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<RecordRoute>().FirstOrDefault() is not { } route) return;
        if (route is { Type: { } type, Verb: "create" or "update" })
        {
            var request = Pascal(type.Key) + Pascal(route.Verb) + "Request";
            Set(operation.RequestBody?.Content, Named(request, context, () => Written(type, route.Verb)));
        }

        if (operation.Responses?["200"].Content is not { } answer) return;
        var record = route.Type is { } own ? NameOf(own) : "AnyRecord";
        if (route.Verb is "create" or "get" or "update") Set(answer, Envelope(record, context, () => Record(route.Type, context)));
        if (route.Verb is "list") Set(answer, Envelope(record + "Page", context, () => Page(record, Record(route.Type, context), context)));
    }

    /// <summary>The name of the schema of a type's records, such as <c>ContactsRecord</c>.</summary>
    private static string NameOf(RecordType type) => Pascal(type.Key) + "Record";

    private static string Pascal(string key) => char.ToUpperInvariant(key[0]) + key[1..];

    /// <summary>Generated clients name their classes after the schemas. A schema without a name becomes <c>Body6</c> there.</summary>
    private static OpenApiSchemaReference Named(string id, OperationFilterContext context, Func<IOpenApiSchema> make) =>
        context.SchemaRepository.Schemas.ContainsKey(id)
            ? new OpenApiSchemaReference(id, context.Document)
            : context.SchemaRepository.AddDefinition(id, (OpenApiSchema)make());

    private static void Set(IDictionary<string, IOpenApiMediaType>? content, IOpenApiSchema schema)
    {
        if (content is not null && content.TryGetValue(Json, out var found) && found is OpenApiMediaType media) media.Schema = schema;
    }

    private static OpenApiSchema Written(RecordType type, string verb)
    {
        // Custom fields may be in custom or beside the others. The account decides which ones exist.
        var schema = Object(closed: false);
        if (verb == "update")
        {
            schema.Properties!["id"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
            schema.Required!.Add("id");
        }

        foreach (var field in type.Fields)
        {
            schema.Properties![field.Key] = Field(field);
            if (field.Required && verb == "create") schema.Required!.Add(field.Key);
        }

        schema.Properties!["custom"] = Custom;
        if (type.AnyOf.Count > 0) schema.Description = $"At least one of {string.Join(", ", type.AnyOf)} must have a value.";
        return schema;
    }

    private static OpenApiSchemaReference Record(RecordType? type, OperationFilterContext context)
    {
        if (type is not null) return Named(NameOf(type), context, () => Answered(type));
        return Named("AnyRecord", context, () => new OpenApiSchema
        {
            AnyOf = [.. RecordTypes.BuiltIn.Select(each => Record(each, context)), Record(CustomType, context)],
        });
    }

    private static OpenApiSchema Answered(RecordType type)
    {
        var schema = Object(closed: false);
        schema.Properties!["id"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
        foreach (var field in type.Columns) schema.Properties[field.Key] = Field(field);
        schema.Properties["custom"] = Custom;
        schema.Properties["tags"] = Field(type.Fields.First(field => field.IsTags));
        foreach (var written in new[] { "created", "updated" })
        {
            schema.Properties[written + "_at"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };
            schema.Properties[written + "_by"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
        }

        schema.Required = schema.Properties.Keys.ToHashSet();
        return schema;
    }

    private static OpenApiSchema Field(Field field) => new()
    {
        Title = field.Label,
        Type = (field.Required ? 0 : JsonSchemaType.Null) | Enum.Parse<JsonSchemaType>(field.Type.JsonType, ignoreCase: true),
        Format = field.Type.JsonFormat,
        MaxLength = field.MaxLength > 0 ? field.MaxLength : null,
        Items = field.Type.IsList ? new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = TagSet.MaxTagLength } : null,
        MaxItems = field.Type.IsList ? TagSet.MaxTags : null,
        Description = field.Unique ? "Unique." : null,
    };

    private static OpenApiSchema Custom => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The account's custom fields by their keys; in answers all of them, blank ones null.",
    };

    private static OpenApiSchemaReference Page(string record, IOpenApiSchema item, OperationFilterContext context) =>
        Named(record + "Page", context, () =>
        {
            var page = Object(closed: false);
            page.Properties!["items"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = item };
            page.Properties["next_cursor"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String | JsonSchemaType.Null,
                Description = "The cursor of the next page. Null: this is the last one.",
            };
            page.Required = page.Properties.Keys.ToHashSet();
            return page;
        });

    private static OpenApiSchemaReference Envelope(string result, OperationFilterContext context, Func<IOpenApiSchema> make) =>
        Named(result + "EnvelopeSuccessBody", context, () =>
        {
            var envelope = Object(closed: false);
            envelope.Properties!["ok"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Enum = [JsonValue.Create(true)] };
            envelope.Properties["result"] = make();
            envelope.Required = envelope.Properties.Keys.ToHashSet();
            return envelope;
        });

    private static OpenApiSchema Object(bool closed) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = new Dictionary<string, IOpenApiSchema>(),
        Required = new HashSet<string>(),
        AdditionalPropertiesAllowed = !closed,
    };
}
