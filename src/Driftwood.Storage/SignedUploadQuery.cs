namespace Driftwood.Storage;

/// <summary>The query of a signed URL as it came in, percent-decoded and otherwise unread; null where it is missing.</summary>
/// <param name="Expires"><c>expires</c>: unix seconds.</param>
/// <param name="MaxBytes"><c>max_bytes</c>.</param>
/// <param name="ContentType"><c>content_type</c>.</param>
/// <param name="Key"><c>key</c>: the id of the key that signed.</param>
/// <param name="Signature"><c>signature</c>: base64url without padding.</param>
public sealed record SignedUploadQuery(string? Expires, string? MaxBytes, string? ContentType, string? Key, string? Signature);
