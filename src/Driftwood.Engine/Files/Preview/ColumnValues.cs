using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Preview;

/// <summary>Counts the different values of a column, over all rows of a file, as long as they are few.</summary>
public sealed class ColumnValues
{
    /// <summary>The most different values that are counted. Others are left out.</summary>
    public const int Max = 500;

    // A longer value is no option of a field.
    private const int MaxBytes = 1_020;

    private readonly Dictionary<string, long> _counts = new(Utf8Comparer.Instance);

    /// <summary>The values with their counts.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Some values are left out.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Counts a cell. Blank ones and those that are not text are no values.</summary>
    internal void Add(ReadOnlySpan<byte> value)
    {
        value = Blank.Trim(value);
        if (value.IsEmpty) return;
        if (value.Length > MaxBytes || !Utf8.IsValid(value))
        {
            IsIncomplete = true;
            return;
        }

        var counts = _counts.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (counts.TryGetValue(value, out var count)) counts[value] = count + 1;
        else if (_counts.Count < Max) counts[value] = 1;
        else IsIncomplete = true;
    }

    // Finds a text by its UTF-8, so that a cell becomes a string only once.
    private sealed class Utf8Comparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public bool Equals(ReadOnlySpan<byte> alternate, string other)
        {
            Span<byte> text = stackalloc byte[MaxBytes];
            return Encoding.UTF8.TryGetBytes(other, text, out var length) && alternate.SequenceEqual(text[..length]);
        }

        public int GetHashCode([DisallowNull] string text) => GetHashCode(Encoding.UTF8.GetBytes(text));

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)KeyHash.Of(alternate);

        public string Create(ReadOnlySpan<byte> alternate) => Encoding.UTF8.GetString(alternate);
    }
}
