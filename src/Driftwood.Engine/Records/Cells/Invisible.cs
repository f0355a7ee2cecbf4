using System.Buffers;
using System.Globalization;
using System.Text;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Cells;

/// <summary>Characters that nobody sees, such as the marks of direction that Windows copies with a phone number.</summary>
internal static class Invisible
{
    /// <summary>The value without such characters and blanks at its ends. Inside an address they may hide something.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        while (Rune.DecodeFromUtf8(value, out var rune, out var length) == OperationStatus.Done && Is(rune)) value = value[length..];
        while (Rune.DecodeLastFromUtf8(value, out var rune, out var length) == OperationStatus.Done && Is(rune)) value = value[..^length];
        return value;
    }

    private static bool Is(Rune rune) => Blank.IsBlank(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;
}
