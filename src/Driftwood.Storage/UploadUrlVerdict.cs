namespace Driftwood.Storage;

/// <summary>Whether a signed URL may be used.</summary>
public enum UploadUrlVerdict
{
    /// <summary>Signed here, for exactly this request, and still good.</summary>
    Ok,

    /// <summary>Signed here for exactly this request, but its time is over.</summary>
    Expired,

    /// <summary>A part is missing, or differs from what was signed.</summary>
    Altered,

    /// <summary>Names a key that is not, or no longer, in use.</summary>
    UnknownKey,
}
