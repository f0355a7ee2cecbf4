using System.Buffers.Binary;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>
/// The places in a staged row's COPY tuple, in bytes from its beginning: the number of fields, then the account, <c>seq</c>,
/// <c>wave</c>, <c>new_id</c> and <c>lacks_all</c>, each with its 32-bit length before it, then the values as
/// <see cref="StageColumns"/> has them.
/// </summary>
internal static class StagedTuple
{
    public const int Account = 2;
    public const int Seq = Account + 20;
    public const int Wave = Seq + 8;
    public const int Id = Wave + 8;
    public const int LacksAll = Id + 20;
    public const int Values = LacksAll + BooleanLength;
    public const int BooleanLength = 5;

    /// <summary>The place of <c>lacks_all</c>, after its length.</summary>
    public const int LacksAllValue = LacksAll + 4;

    /// <summary>The place of the wave's number, after its length.</summary>
    public const int WaveNumber = Wave + 4;

    /// <summary>A field with its length; no bytes follow the length of a null.</summary>
    public static ReadOnlySpan<byte> FieldAt(ReadOnlySpan<byte> tuples, int start)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(tuples[start..]);
        return tuples.Slice(start, sizeof(int) + Math.Max(0, length));
    }
}
