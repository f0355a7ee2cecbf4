using System.Buffers.Binary;

namespace Driftwood.Engine.Postgres;

/// <summary>
/// PostgreSQL's binary COPY format, written straight into a buffer: each field is a 32-bit length (-1 for null) and
/// its bytes, big endian. Source: the PostgreSQL manual, COPY, "Binary Format".
/// </summary>
internal static class PgCopy
{
    private const uint TextOid = 25;

    /// <summary>Signature, no flags, no header extension.</summary>
    public static ReadOnlySpan<byte> Header =>
    [
        (byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0,
        0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The first byte of a jsonb value; its text follows.</summary>
    public const byte JsonbVersion = 1;

    /// <summary>Ends the data.</summary>
    public static ReadOnlySpan<byte> Trailer => [0xFF, 0xFF];

    /// <inheritdoc cref="Header"/>
    public static ReadOnlyMemory<byte> HeaderBytes { get; } = Header.ToArray();

    /// <inheritdoc cref="Trailer"/>
    public static ReadOnlyMemory<byte> TrailerBytes { get; } = Trailer.ToArray();

    public static void BeginTuple(this ByteBuffer buffer, int fields) =>
        BinaryPrimitives.WriteInt16BigEndian(buffer.Take(2), checked((short)fields));

    public static void Null(this ByteBuffer buffer) => BinaryPrimitives.WriteInt32BigEndian(buffer.Take(4), -1);

    public static void Int32(this ByteBuffer buffer, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.Take(4), 4);
        BinaryPrimitives.WriteInt32BigEndian(buffer.Take(4), value);
    }

    public static void Int64(this ByteBuffer buffer, long value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.Take(4), 8);
        BinaryPrimitives.WriteInt64BigEndian(buffer.Take(8), value);
    }

    public static void Boolean(this ByteBuffer buffer, bool value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.Take(4), 1);
        buffer.Append(value ? (byte)1 : (byte)0);
    }

    public static void Uuid(this ByteBuffer buffer, Guid value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.Take(4), 16);
        value.TryWriteBytes(buffer.Take(16), bigEndian: true, out _);
    }

    /// <summary>UTF-8 text; an empty value is null, as no field stores empty text.</summary>
    public static void TextOrNull(this ByteBuffer buffer, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            buffer.Null();
            return;
        }

        BinaryPrimitives.WriteInt32BigEndian(buffer.Take(4), utf8.Length);
        buffer.Append(utf8);
    }

    /// <summary>Leaves room for a length that <see cref="EndField"/> fills in; returns where the field began.</summary>
    public static int BeginField(this ByteBuffer buffer)
    {
        buffer.Take(4);
        return buffer.Length;
    }

    /// <summary>Ends a field begun with <see cref="BeginField"/>; one without bytes becomes null.</summary>
    public static ReadOnlySpan<byte> EndField(this ByteBuffer buffer, int start)
    {
        var length = buffer.Length - start;
        BinaryPrimitives.WriteInt32BigEndian(buffer.Written[(start - 4)..], length == 0 ? -1 : length);
        return buffer.Written[start..];
    }

    /// <summary>A one-dimensional array of text.</summary>
    /// <param name="buffer">The buffer to write to.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="elements">The elements, each after its 32-bit length.</param>
    public static void TextArray(this ByteBuffer buffer, int count, ReadOnlySpan<byte> elements)
    {
        var start = buffer.BeginField();
        var head = buffer.Take(count == 0 ? 12 : 20);
        BinaryPrimitives.WriteInt32BigEndian(head, count == 0 ? 0 : 1); // dimensions
        BinaryPrimitives.WriteInt32BigEndian(head[4..], 0); // no nulls
        BinaryPrimitives.WriteUInt32BigEndian(head[8..], TextOid);
        if (count > 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(head[12..], count);
            BinaryPrimitives.WriteInt32BigEndian(head[16..], 1); // lower bound
        }

        buffer.Append(elements);
        buffer.EndField(start);
    }
}
