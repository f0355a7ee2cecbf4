using System.Text;
using System.Xml;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>Reads a part of a workbook forwards. Document types are refused, names and depth are bounded.</summary>
internal sealed class PartReader : IDisposable
{
    private const int MaxDepth = 64;
    private const int MaxText = 1 << 20;

    private readonly StreamReader _source;
    private readonly XmlReader _xml;
    private readonly StringBuilder _text = new();

    public PartReader(Stream part)
    {
        // Only UTF-8, with or without its mark: other encodings could hide tags from the guard of the part.
        _source = new StreamReader(part, new UTF8Encoding(true), detectEncodingFromByteOrderMarks: false, 1 << 16);
        _xml = XmlReader.Create(_source, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            NameTable = new BoundedNames(),
        });
    }

    public string Name => _xml.LocalName;

    public int Depth => _xml.Depth;

    public bool IsElement => _xml.NodeType == XmlNodeType.Element;

    public bool IsEmpty => _xml.IsEmptyElement;

    /// <summary>The value of an attribute, in whatever namespace; null if there is none.</summary>
    public string? this[string attribute]
    {
        get
        {
            var value = _xml.GetAttribute(attribute);
            if (value is not null || !_xml.MoveToFirstAttribute()) return value;
            do
            {
                if (_xml.LocalName == attribute && _xml.Prefix != "xmlns") value = _xml.Value;
            }
            while (value is null && _xml.MoveToNextAttribute());
            _xml.MoveToElement();
            return value;
        }
    }

    /// <summary>The value of an attribute without a namespace.</summary>
    public string? Plain(string attribute) => _xml.GetAttribute(attribute);

    /// <summary>Moves on. Returns false at the end.</summary>
    /// <exception cref="UnreadableFileException">The part is not as it should be.</exception>
    public bool Read()
    {
        try
        {
            if (!_xml.Read()) return false;
        }
        catch (XmlException broken)
        {
            throw WorkbookFault.Broken(broken.Message);
        }

        return _xml.Depth <= MaxDepth ? true : throw WorkbookFault.Broken("its elements are nested too deep.");
    }

    /// <summary>Moves to the next element inside the element of a depth. Returns false at its end.</summary>
    public bool ReadInside(int depth)
    {
        while (Read())
        {
            if (_xml.Depth <= depth) return false;
            if (IsElement) return true;
        }

        return false;
    }

    /// <summary>Reads the current element's text, of this element or of all elements of a name inside it.</summary>
    /// <param name="inside">The name of the elements; null for the current one.</param>
    /// <param name="except">The name of elements that are left out.</param>
    public string ReadText(string? inside = null, string? except = null)
    {
        _text.Clear();
        if (IsEmpty) return "";
        var depth = _xml.Depth;
        var (taken, left) = (inside is null, int.MaxValue);
        while (Read() && _xml.Depth > depth)
        {
            if (_xml.Depth <= left) left = int.MaxValue;
            if (IsElement)
            {
                if (left == int.MaxValue && Name == except) left = _xml.Depth;
                if (inside is not null) taken = Name == inside && left == int.MaxValue;
            }
            else if (taken && _xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace
                or XmlNodeType.SignificantWhitespace)
            {
                _text.Append(_xml.Value);
            }
            else if (_xml.NodeType == XmlNodeType.EndElement && inside is not null)
            {
                taken = false;
            }

            if (_text.Length > MaxText) throw WorkbookFault.Broken($"a cell holds more than {MaxText} characters.");
        }

        return _text.ToString();
    }

    public void Dispose()
    {
        _xml.Dispose();
        _source.Dispose();
    }

    // A reader keeps every name that it meets.
    private sealed class BoundedNames : NameTable
    {
        private const int Max = 10_000;

        private int _names;

        public override string Add(char[] key, int start, int len)
        {
            if (Get(key, start, len) is { } known) return known;
            Count();
            return base.Add(key, start, len);
        }

        public override string Add(string key)
        {
            if (Get(key) is { } known) return known;
            Count();
            return base.Add(key);
        }

        private void Count()
        {
            if (++_names > Max) throw WorkbookFault.Broken("it has too many names of elements.");
        }
    }
}
