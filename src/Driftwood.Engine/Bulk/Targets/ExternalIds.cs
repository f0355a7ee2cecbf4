using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>External IDs as a caller named records by, each once: those alike when normalised name one record.</summary>
/// <param name="Keys">Their match keys.</param>
/// <param name="Values">As they were written where they first stood.</param>
/// <param name="Indexes">Where that was, from 0.</param>
public sealed record ExternalIds(string[] Keys, string[] Values, long[] Indexes)
{
    /// <summary>Reads what was given.</summary>
    /// <param name="type">The records' type.</param>
    /// <param name="given">None of them blank.</param>
    public static ExternalIds Of(RecordType type, IReadOnlyList<string> given)
    {
        var kind = type.Find("external_id")!.MatchKey!.Value;
        HashSet<string> seen = new(given.Count, StringComparer.Ordinal);
        List<string> keys = new(given.Count);
        List<long> indexes = new(given.Count);
        foreach (var (index, value) in given.Index())
        {
            if (MatchKeys.Of(kind, value) is not { } key || !seen.Add(key)) continue;
            keys.Add(key);
            indexes.Add(index);
        }

        return new ExternalIds([.. keys], [.. indexes.Select(index => given[(int)index])], [.. indexes]);
    }
}
