namespace Driftwood.Engine.Files;

/// <summary>Counts the cells of a record that name a field of the record type. It helps to find the header.</summary>
public delegate int KnownNames(IReadOnlyList<string> cells);

/// <summary>Something that the detection of a format is not certain of.</summary>
/// <param name="Code">A stable word.</param>
/// <param name="Line">The first physical line concerned, from 1.</param>
/// <param name="Count">The number of lines concerned.</param>
/// <param name="Message">A message for people.</param>
internal sealed record DetectionNote(string Code, long Line, long Count, string Message);

/// <summary>A detected format.</summary>
/// <param name="Format">The format. Its columns are not known yet.</param>
/// <param name="Notes">What is uncertain about it.</param>
internal sealed record DetectedFormat(FileFormat Format, IReadOnlyList<DetectionNote> Notes);
