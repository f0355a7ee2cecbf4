using System.Runtime.CompilerServices;
using System.Text;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Records.Text;

/// <summary>
/// The options of a choice, prepared for lookups. A value matches an option if they differ only in case and white space.
/// </summary>
internal sealed class Choices
{
    private static readonly ConditionalWeakTable<IReadOnlyList<string>, Choices> Made = [];

    private readonly byte[][] _spelled;
    private readonly byte[][] _keys;

    private Choices(IReadOnlyList<string> options)
    {
        _spelled = [.. options.Select(Encoding.UTF8.GetBytes)];
        _keys = [.. options.Select(option => Encoding.UTF8.GetBytes(MatchKeys.Of(MatchKeyKind.Name, option) ?? ""))];
    }

    public static Choices Of(IReadOnlyList<string> options) => Made.GetValue(options, options => new Choices(options));

    /// <summary>Finds the option in its own spelling; false if the value is not an option.</summary>
    public bool TryFind(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> option)
    {
        foreach (var spelled in _spelled)
        {
            if (!value.SequenceEqual(spelled)) continue;
            option = spelled;
            return true;
        }

        using var key = new ByteBuffer(256);
        MatchKeys.Write(MatchKeyKind.Name, value, key);
        for (var i = 0; i < _keys.Length; i++)
        {
            if (!key.Written.SequenceEqual(_keys[i])) continue;
            option = _spelled[i];
            return true;
        }

        option = default;
        return false;
    }
}
