using System.Buffers.Binary;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>
/// Where things stand in a staged row's COPY tuple, in bytes from its beginning: the number of fields, then <c>seq</c>, <c>wave</c>,
/// <c>new_id</c> and <c>lacks_all</c>, each with its 32-bit length before it, then the values as <see cref="StageTable.Copy"/> names them.
/// </summary>
internal static class StagedTuple
{
    public const int Seq = 2;
    public const int Wave = Seq + 8;
    public const int Id = Wave + 8;
    public const int LacksAll = Id + 20;
    public const int Values = LacksAll + BooleanLength;
    public const int BooleanLength = 5;

    /// <summary>Where the number of the wave is.</summary>
    public const int WaveNumber = Wave + 4;

    /// <summary>The wave of the tuple that begins at a place.</summary>
    public static int WaveOf(ReadOnlySpan<byte> tuples, int start) => BinaryPrimitives.ReadInt32BigEndian(tuples[(start + WaveNumber)..]);

    /// <summary>A field with its length; no bytes follow the length of a null.</summary>
    public static ReadOnlySpan<byte> FieldAt(ReadOnlySpan<byte> tuples, int start)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(tuples[start..]);
        return tuples.Slice(start, sizeof(int) + Math.Max(0, length));
    }
}
