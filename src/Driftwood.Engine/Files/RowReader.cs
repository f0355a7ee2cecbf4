using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files;

/// <summary>
/// Reads a file's records one after the other. The preview, the contested-key scan and the lanes all use it, so their counts agree.
/// A record that cannot be read is also a row, with <see cref="Fault"/> set. Spans are valid until the next read. Records are
/// numbered from 1; the header and blank records are not counted.
/// </summary>
internal abstract class RowReader : IAsyncDisposable
{
    /// <summary>The number of the current record among the data records, from 1.</summary>
    public long RowNumber { get; protected set; }

    /// <summary>
    /// The place of the current record among those that are read, from 1. Only rows that are tried again have other numbers.
    /// </summary>
    public virtual long Position => RowNumber;

    /// <summary>The physical line, from 1, on which the current record begins.</summary>
    public long LineNumber { get; protected set; }

    /// <summary>
    /// Why the current record cannot be read, or null. A record with the wrong number of columns still has its fields.
    /// </summary>
    public Fault? Fault { get; protected set; }

    /// <summary>What the reader made allowance for in the current record.</summary>
    public RowNotes Notes { get; protected set; }

    /// <summary>The number of fields of the current record; 0 when it cannot be read.</summary>
    public abstract int FieldCount { get; }

    /// <summary>
    /// The current record in the form that <see cref="FileFormat.SplitRecord"/> accepts. It is cut to
    /// <see cref="FileLimits.MaxRawBytes"/> when the record cannot be read.
    /// </summary>
    public abstract ReadOnlySpan<byte> Raw { get; }

    /// <summary>The field's value in UTF-8.</summary>
    public abstract ReadOnlySpan<byte> this[int index] { get; }

    /// <summary>The field is blank in the file, and its value is a default in stored form.</summary>
    public virtual bool IsDefault(int index) => false;

    /// <summary>Moves to the next record. Returns false at the end.</summary>
    /// <exception cref="UnreadableFileException">The rest of the file cannot be read.</exception>
    public abstract ValueTask<bool> ReadAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    /// <summary>Skips the header if the format has one.</summary>
    public async ValueTask SkipHeaderAsync(FileFormat format, CancellationToken cancellationToken)
    {
        if (!format.HasHeader) return;
        await ReadAsync(cancellationToken);
        RowNumber = 0;
    }
}
