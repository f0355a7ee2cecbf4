using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Records.Text;

/// <summary>The faults that values of any kind can have. Each kind of field has additional faults.</summary>
internal static class CellFaults
{
    public static readonly Fault Characters =
        new("invalid_characters", "Holds a NUL, or bytes that are not text in the encoding expected.");

    public static readonly Fault TooManyTags = new("too_long", $"More than {TagSet.MaxTags} tags; a record has at most {TagSet.MaxTags}.");

    public static readonly Fault TagTooLong = new("too_long", $"A tag is longer than {TagSet.MaxTagLength} characters.");

    public static Fault TooLong(int maxLength) =>
        new("too_long", FormattableString.Invariant($"Longer than {maxLength} characters."));
}
