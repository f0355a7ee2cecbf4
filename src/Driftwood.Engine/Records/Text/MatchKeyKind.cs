namespace Driftwood.Engine.Records.Text;

/// <summary>How the values of a match field are made comparable.</summary>
public enum MatchKeyKind
{
    /// <summary>Trimmed, nothing else.</summary>
    Exact,
    /// <summary>Trimmed, lower case.</summary>
    Email,
    /// <summary>Lower case, without scheme, <c>www.</c> and path.</summary>
    Domain,
    /// <summary>Digits, with a leading + where there is one, and an extension after x.</summary>
    Phone,
    /// <summary>Trimmed, inner white space collapsed, case folded.</summary>
    Name,
    /// <summary>A decimal as it is stored, without zeros that say nothing.</summary>
    Number,
}
