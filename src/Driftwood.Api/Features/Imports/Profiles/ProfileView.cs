using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Requests;
using Driftwood.Data.Model;
using Driftwood.Engine.Imports.Plan;

namespace Driftwood.Api.Features.Imports.Profiles;

/// <summary>A profile as callers see it: its settings as they were given, null for those that were not.</summary>
internal sealed record ProfileView : ImportsConfirm.Settings
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>The record type of the rows.</summary>
    public required string ModelType { get; init; }

    /// <summary>Counts the changes, from 1.</summary>
    public required int Version { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required Guid CreatedBy { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required Guid UpdatedBy { get; init; }

    public static readonly ProfileView Example = new()
    {
        Id = Guid.Parse("01977c2b-5a3c-7f10-9b2e-3d4c5b6a7988"),
        Name = "Weekly leads",
        ModelType = "contacts",
        Version = 1,
        CreatedAt = ImportView.Example.CreatedAt,
        CreatedBy = ImportView.Example.CreatedBy,
        UpdatedAt = ImportView.Example.CreatedAt,
        UpdatedBy = ImportView.Example.CreatedBy,
        ColumnMapping = new Dictionary<string, JsonElement>
        {
            ["Name"] = JsonElement.Parse("\"first_name\""),
            ["Email"] = JsonElement.Parse("\"email\""),
        },
        DuplicateStrategy = Engine.Imports.Plan.DuplicateStrategy.Merge,
    };

    public static ProfileView Of(ImportProfile profile)
    {
        var members = StoredSettings.Parse(profile.Settings);
        JsonObject own = new()
        {
            ["id"] = profile.Id,
            ["name"] = profile.Name,
            ["model_type"] = profile.ModelType,
            ["version"] = profile.Version,
            ["created_at"] = profile.CreatedAt,
            ["created_by"] = profile.CreatedBy,
            ["updated_at"] = profile.UpdatedAt,
            ["updated_by"] = profile.UpdatedBy,
        };
        foreach (var (name, value) in own) members[name] = value?.DeepClone();
        return members.Deserialize<ProfileView>(WireJson.Options)!;
    }
}
