namespace Driftwood.Engine.Records.Text;

/// <summary>How the values of a match field are made comparable.</summary>
public enum MatchKeyKind
{
    /// <summary>Trimmed, otherwise unchanged.</summary>
    Exact,
    /// <summary>Trimmed, lower case, the domain in Punycode.</summary>
    Email,
    /// <summary>Lower case, without scheme, <c>www.</c> and path, in Punycode.</summary>
    Domain,
    /// <summary>Digits, with a leading + if there is one or 00 stands for it, and an extension after x.</summary>
    Phone,
    /// <summary>Trimmed, inner white space collapsed, case folded.</summary>
    Name,
    /// <summary>A decimal in stored form, without insignificant zeros.</summary>
    Number,
}
