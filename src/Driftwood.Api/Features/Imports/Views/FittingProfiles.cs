using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Views;

/// <summary>How well the columns of a profile and of a file fit.</summary>
internal enum ProfileFit
{
    /// <summary>They have the same names.</summary>
    Exact,

    /// <summary>At least half of the profile's columns are in the file.</summary>
    Partial,
}

/// <summary>A profile whose columns fit a file.</summary>
/// <param name="Id">The profile_id for imports-confirm.</param>
/// <param name="Fit">exact: the columns have the same names. partial: at least half of the profile's columns are in the file.</param>
/// <param name="Missing">Mapped columns of the profile that the file lacks. With any, a confirm by the profile alone is refused.</param>
/// <param name="New">Columns of the file that the profile does not have. A confirm by the profile alone does not import them.</param>
internal sealed record FittingProfile(
    Guid Id, string Name, int Version, ProfileFit Fit, IReadOnlyList<string> Missing, IReadOnlyList<string> New);

/// <summary>The mapping that the account's last two imports of the same columns had.</summary>
/// <param name="Id">The last of these imports, for like of imports-confirm.</param>
/// <param name="ColumnMapping">Its mapping, as it was given.</param>
internal sealed record ConfirmedBefore(Guid Id, IReadOnlyDictionary<string, JsonElement> ColumnMapping)
{
    /// <summary>Each column's field, if the mapping says no more than that; null for a column that is left.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string?>? Fields =>
        ColumnMapping.Values.All(target => target.ValueKind is JsonValueKind.String or JsonValueKind.Null)
            ? ColumnMapping.ToDictionary(pair => pair.Key, pair => pair.Value.GetString())
            : null;
}

/// <summary>Finds what an account has stored for files with such columns.</summary>
internal static class FittingProfiles
{
    private const int MaxProfiles = 10;

    /// <summary>Imports that are looked at.</summary>
    private const int MaxImports = 1_000;

    /// <summary>The profiles of a type that fit, the best first.</summary>
    public static async Task<IReadOnlyList<FittingProfile>> FindAsync(
        DriftwoodDb db, Guid account, string type, IReadOnlyList<string> headers, CancellationToken cancellationToken)
    {
        var profiles = await db.ImportProfiles.AsNoTracking()
            .Where(profile => profile.AccountId == account && profile.ModelType == type).ToListAsync(cancellationToken);
        var columns = headers.Select(StoredSettings.KeyOf).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. profiles.Select(profile => FitOf(profile, headers, columns)).OfType<FittingProfile>()
                .OrderBy(fit => fit.Missing.Count).ThenBy(fit => fit.New.Count).ThenBy(fit => fit.Name, StringComparer.OrdinalIgnoreCase)
                .Take(MaxProfiles),
        ];
    }

    /// <summary>The mapping that the last two completed imports of the same columns had; null if they differ.</summary>
    public static async Task<ConfirmedBefore?> FindMappingAsync(
        DriftwoodDb db, Guid account, string type, IReadOnlyList<string> headers, CancellationToken cancellationToken)
    {
        string[] columns = [.. headers];
        var recent = db.Jobs
            .Where(job => job.AccountId == account && job.Kind == JobKind.Import)
            .OrderByDescending(job => job.Id).Take(MaxImports);
        var last = await recent
            .Where(job => job.RecordType == type && job.Status == JobStatus.Completed && job.DryRunState == null
                && job.Import!.RetryOf == null && job.Import.Settings != null && job.Import.Headers!.Length == columns.Length
                && job.Import.Headers.All(header => columns.Contains(header)))
            .OrderByDescending(job => job.Id)
            .Select(job => new { job.Id, job.Import!.Settings })
            .Take(2).ToListAsync(cancellationToken);
        if (last.Count < 2) return null;
        var mappings = last.ConvertAll(each => StoredSettings.Parse(each.Settings!)[StoredSettings.Mapping]);
        return JsonNode.DeepEquals(mappings[0], mappings[1])
            ? new ConfirmedBefore(last[0].Id, mappings[0].Deserialize<Dictionary<string, JsonElement>>()!)
            : null;
    }

    private static FittingProfile? FitOf(ImportProfile profile, IReadOnlyList<string> headers, HashSet<string> columns)
    {
        var mapping = StoredSettings.Parse(profile.Settings)[StoredSettings.Mapping]!.AsObject();
        var own = mapping.Select(pair => StoredSettings.KeyOf(pair.Key)).ToHashSet(StringComparer.Ordinal);
        List<string> missing =
        [
            .. mapping.Where(pair => pair.Value is not null && !columns.Contains(StoredSettings.KeyOf(pair.Key))).Select(pair => pair.Key),
        ];
        List<string> added = [.. headers.Where(header => !own.Contains(StoredSettings.KeyOf(header)))];
        if (2 * own.Count(columns.Contains) < own.Count) return null;
        var fit = own.SetEquals(columns) ? ProfileFit.Exact : ProfileFit.Partial;
        return new FittingProfile(profile.Id, profile.Name, profile.Version, fit, missing, added);
    }
}
