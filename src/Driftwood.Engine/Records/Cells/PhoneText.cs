using System.Buffers;
using System.Globalization;
using System.Text;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Cells;

/// <summary>Finds the number in what phones, web pages and spreadsheets write for one.</summary>
internal static class PhoneText
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create("0123456789+ -.()/\txXeEtT,#;"u8);

    /// <summary>Whether the characters are those of a number as people type it. Such a number is stored as it is.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> value) => !value.ContainsAnyExcept(Plain) && !IsFraction(value);

    /// <summary>
    /// The number with plain blanks and hyphens, without invisible characters, <c>tel:</c>, the apostrophe of spreadsheets and the
    /// <c>.0</c> that programs for statistics add.
    /// </summary>
    public static ReadOnlySpan<byte> Repair(ReadOnlySpan<byte> value)
    {
        if (!Ascii.IsValid(value)) value = Typed(value);
        if (value.Length > 4 && Ascii.EqualsIgnoreCase(value[..4], "tel:"u8)) value = value[4..];
        value = Blank.Trim(value.TrimStart((byte)'\'').TrimEnd(",;"u8));
        return IsFraction(value) ? value[..^2] : value;
    }

    /// <summary>Whether the number says its country: <c>+49</c>, <c>(+49)</c> or <c>0049</c>.</summary>
    public static bool HasCountry(ReadOnlySpan<byte> value) =>
        value.StartsWith("+"u8) || value.StartsWith("(+"u8) || value.StartsWith("00"u8) || value.StartsWith("(00"u8);

    /// <summary>Whether the number went through a column of decimals: <c>4721000001.0</c>.</summary>
    public static bool IsFraction(ReadOnlySpan<byte> value) =>
        value.Length > 8 && value[^1] == '0' && value[^2] == '.' && !value[..^2].ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static ReadOnlySpan<byte> Typed(ReadOnlySpan<byte> value)
    {
        var typed = new byte[value.Length];
        var length = 0;
        while (!value.IsEmpty)
        {
            Rune.DecodeFromUtf8(value, out var rune, out var used);
            if (TypedFor(rune) is { } b) typed[length++] = b;
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format)
            {
                value[..used].CopyTo(typed.AsSpan(length));
                length += used;
            }

            value = value[used..];
        }

        return typed.AsSpan(0, length);
    }

    // The key of a keyboard for a typographic character.
    private static byte? TypedFor(Rune rune) => rune.Value switch
    {
        0xFF0B => (byte)'+',
        0x2044 or 0x2215 or 0xFF0F => (byte)'/',
        0xFF08 => (byte)'(',
        0xFF09 => (byte)')',
        0x00B7 or 0x2022 or 0x2219 or 0x30FB => (byte)'.',
        0x2212 or 0xFF0D => (byte)'-',
        >= 0xFF10 and <= 0xFF19 => (byte)(rune.Value - 0xFF10 + '0'),
        _ => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.DashPunctuation => (byte)'-',
            UnicodeCategory.SpaceSeparator => (byte)' ',
            _ => null,
        },
    };
}
