namespace Driftwood.Engine.Files.Workbooks;

/// <summary>The refusals of workbooks.</summary>
internal static class WorkbookFault
{
    public static UnreadableFileException Broken(string reason) =>
        new("broken_workbook", $"The workbook is broken: {reason} What to do: open it in a spreadsheet and save it again, or as CSV.");

    public static UnreadableFileException TooLarge(string reason) => new("too_large", $"{reason} What to do: save the sheet as CSV.");
}
