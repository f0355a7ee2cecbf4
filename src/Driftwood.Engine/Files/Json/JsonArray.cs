using System.Buffers;

namespace Driftwood.Engine.Files.Json;

/// <summary>An array of JSON: each element is a record. What is between them must be as JSON says.</summary>
internal sealed class JsonArray(Stream text) : JsonRecords(text)
{
    private static readonly SearchValues<byte> Signs = SearchValues.Create("\"{}[],\n"u8);
    private static readonly SearchValues<byte> StringSigns = SearchValues.Create("\"\\"u8);

    private bool _isOpen;
    private bool _hasElement;

    /// <exception cref="UnreadableFileException">The array is broken.</exception>
    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var next = await NextAsync(cancellationToken);
        if (!_isOpen)
        {
            _isOpen = next == '[' ? true : throw JsonFault.Broken(Here, "the array does not begin.");
            Pass(1);
            next = await NextAsync(cancellationToken);
        }

        if (next == ']')
        {
            Pass(1);
            if (await NextAsync(cancellationToken) is null) return false;
            throw JsonFault.Broken(Here, "more text follows the end of the array.");
        }

        if (_hasElement)
        {
            if (next is null) throw CutOff();
            if (next != ',') throw JsonFault.Broken(Here, "a comma is missing between two objects.");
            Pass(1);
            next = await NextAsync(cancellationToken);
        }

        if (next is (byte)',' or (byte)']') throw JsonFault.Broken(Here, "an object is missing beside a comma.");
        Begin();
        await FindEndAsync(cancellationToken);
        End();
        return _hasElement = true;
    }

    // The next byte that is not white space; null at the end.
    private async ValueTask<byte?> NextAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken))
        {
            var white = Rest.IndexOfAnyExcept(White);
            if (white == 0) return Rest[0];
            if (white < 0) white = Rest.Length;
            Here += Rest[..white].Count((byte)'\n');
            Pass(white);
        }

        return null;
    }

    private async ValueTask FindEndAsync(CancellationToken cancellationToken)
    {
        var (depth, isString, isEscaped) = (0, false, false);
        while (await FillAsync(cancellationToken))
        {
            if (isEscaped)
            {
                Pass(1);
                isEscaped = false;
                continue;
            }

            var at = Rest.IndexOfAny(isString ? StringSigns : Signs);
            if (at < 0)
            {
                Pass(Rest.Length);
                continue;
            }

            var sign = Rest[at];
            // A number or a word ends before the sign.
            if (depth == 0 && !isString && sign is ((byte)',' or (byte)']' or (byte)'}'))
            {
                Pass(at);
                return;
            }

            Pass(at + 1);
            if (sign == '"') isString = !isString;
            else if (sign == '\\') isEscaped = true;
            else if (sign is (byte)'{' or (byte)'[') depth++;
            else if (sign is (byte)'}' or (byte)']') depth--;
            else if (sign == '\n') Here++;
            if (depth == 0 && !isString && sign is ((byte)'"' or (byte)'}' or (byte)']')) return;
        }

        throw CutOff();
    }

    private UnreadableFileException CutOff() => JsonFault.Broken(Here, "the array is not closed: the file is cut off.");
}
