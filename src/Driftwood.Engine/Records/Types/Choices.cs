using System.Runtime.CompilerServices;
using System.Text;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Types;

/// <summary>The options of a choice made ready to be looked up: a value is one of them if it differs in case and white space only.</summary>
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

    public static Choices Of(Field field) => Made.GetValue(field.Options, options => new Choices(options));

    /// <summary>The option as it is spelled; false where the value is none.</summary>
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
