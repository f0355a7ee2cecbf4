using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Faults;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Views;

/// <summary>Settings of imports as callers gave them: members of imports-confirm, without those that are about one file.</summary>
/// <param name="Members">The members that were given.</param>
/// <param name="ProfileId">The profile that has them; null for those of an import.</param>
/// <param name="ProfileVersion">The version of the profile.</param>
internal sealed record StoredSettings(JsonObject Members, Guid? ProfileId, int? ProfileVersion)
{
    /// <summary>The member that maps columns.</summary>
    public const string Mapping = "column_mapping";

    private static readonly string[] OfOneFile = ["id", "dry_run", "profile_id", "like", "name", "model_type", "version", "limit"];

    /// <summary>The settings among the members of a request.</summary>
    public static JsonObject Of<TRequest>(TRequest request)
    {
        var members = JsonSerializer.SerializeToNode(request, WireJson.Options)!.AsObject();
        foreach (var name in members.Where(member => member.Value is null).Select(member => member.Key).Concat(OfOneFile).ToList())
            members.Remove(name);
        return members;
    }

    /// <summary>The settings with other ones in the place of those that these give.</summary>
    public JsonObject With(JsonObject given)
    {
        var merged = Members.DeepClone().AsObject();
        foreach (var (name, value) in given) merged[name] = value?.DeepClone();
        return merged;
    }

    /// <summary>Reads the settings of a profile or of an earlier import of the account.</summary>
    /// <param name="db">The database.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="type">The record type of the new import.</param>
    /// <param name="profile">The profile, or null.</param>
    /// <param name="like">The earlier import, or null.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>Null if neither is named.</returns>
    /// <exception cref="ApiException">422: there is no such thing, or it is of another record type.</exception>
    public static async Task<StoredSettings?> FindAsync(
        DriftwoodDb db, Caller caller, string type, Guid? profile, Guid? like, CancellationToken cancellationToken)
    {
        if (profile is not null)
        {
            var found = await db.ImportProfiles.AsNoTracking()
                .SingleOrDefaultAsync(each => each.AccountId == caller.AccountId && each.Id == profile, cancellationToken)
                ?? throw ApiException.Validation("profile_id", "not_found", $"There is no profile {profile}.");
            RequireType("profile_id", found.ModelType, type);
            return new StoredSettings(Parse(found.Settings), found.Id, found.Version);
        }

        if (like is null) return null;
        var earlier = await db.Imports.AsNoTracking().Where(each => each.AccountId == caller.AccountId && each.Id == like)
            .Select(each => new { each.Settings, each.Job!.RecordType }).SingleOrDefaultAsync(cancellationToken);
        if (earlier?.Settings is not { } settings)
            throw ApiException.Validation("like", "not_found", $"There is no import {like} that was confirmed.");
        RequireType("like", earlier.RecordType, type);
        return new StoredSettings(Parse(settings), null, null);
    }

    /// <summary>Maps the columns of a file as these settings map columns of the same names. Order and case do not count.</summary>
    /// <exception cref="ApiException">422 with the columns that the file lacks.</exception>
    public JsonObject MapColumns(IReadOnlyList<string> headers)
    {
        JsonObject fitted = [];
        List<Fault> missing = [];
        foreach (var (column, target) in Members[Mapping]?.AsObject() ?? [])
        {
            var header = headers.Contains(column) ? column : headers.FirstOrDefault(each => IsSame(each, column));
            if (header is not null) fitted[header] = target?.DeepClone();
            else if (target is not null && missing.Count < ApiException.MaxDetails)
            {
                var accepted = missing.Count == 0 ? headers : null;
                missing.Add(new Fault(ColumnPath.Of(Mapping, column), "unknown_column", "The file has no such column.", accepted));
            }
        }

        return missing.Count == 0 ? fitted : throw ApiException.Validation(missing);
    }

    /// <summary>The columns that settings name beside those that they map: of computed fields and of transforms.</summary>
    public static IEnumerable<string> NamedColumns(JsonObject settings) =>
        NamingMembers(settings).Select(naming => naming["column"]!.GetValue<string>());

    /// <summary>Replaces the names of <see cref="NamedColumns"/> by those of a file's columns. Case does not count.</summary>
    public static void FitColumns(JsonObject settings, IReadOnlyList<string> headers)
    {
        foreach (var naming in NamingMembers(settings))
        {
            var column = naming["column"]!.GetValue<string>();
            if (!headers.Contains(column) && headers.FirstOrDefault(each => IsSame(each, column)) is { } header) naming["column"] = header;
        }
    }

    private static List<JsonObject> NamingMembers(JsonObject settings)
    {
        var computed = (settings["computed_fields"] as JsonObject)?.Select(pair => pair.Value).OfType<JsonObject>() ?? [];
        var mapped = (settings[Mapping] as JsonObject)?.Select(pair => pair.Value).OfType<JsonObject>() ?? [];
        var transforms = mapped.Concat(computed).Select(target => target["transforms"]).OfType<JsonArray>().SelectMany(each => each);
        return [.. computed.Concat(transforms.OfType<JsonObject>()).Where(naming => naming["column"] is JsonValue value
            && value.GetValueKind() == JsonValueKind.String)];
    }

    /// <summary>Whether two columns have the same name for a profile.</summary>
    public static bool IsSame(string column, string other) => KeyOf(column) == KeyOf(other);

    /// <summary>What columns of the same name have in common.</summary>
    public static string KeyOf(string column) => column.Trim().Normalize(NormalizationForm.FormC).ToUpperInvariant();

    /// <summary>Reads stored members.</summary>
    public static JsonObject Parse(string members) => JsonNode.Parse(members)!.AsObject();

    private static void RequireType(string member, string found, string type)
    {
        if (found == type) return;
        throw ApiException.Validation(member, "conflict", $"Its records are {found}, and those of the file are {type}.");
    }
}
