namespace Driftwood.Api.Shell;

/// <summary>The exit codes of commands that run a job to its end.</summary>
internal static class ExitCodes
{
    /// <summary>The job is completed, and nothing in it failed.</summary>
    public const int Done = 0;

    /// <summary>The job was refused or is not completed; the reason stands on standard error.</summary>
    public const int Failed = 1;

    /// <summary>The job is completed, but not with every row or change.</summary>
    public const int SomeFailed = 4;

    /// <summary>The exit code with which shells report Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>The codes of import, for its help.</summary>
    public const string OfImport =
        """
        Exit code:
          0    completed: every row went in or was skipped
          1    refused, not completed (failed, cancelled), or no answer
          4    completed, but some rows failed
          (with --dry-run: what the import would end with)
          130  interrupted by Ctrl-C; once confirmed, the import goes on in the service
        """;

    /// <summary>The codes of undo, for its help.</summary>
    public const string OfUndo =
        """
        Exit code:
          0    completed: all was taken back
          1    refused, not completed (failed, cancelled), or no answer
          4    completed, but some changes were kept or failed
          (with --dry-run: what the undo would end with)
          130  interrupted by Ctrl-C; the undo goes on in the service
        """;
}
