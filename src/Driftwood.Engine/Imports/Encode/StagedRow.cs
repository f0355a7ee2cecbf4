namespace Driftwood.Engine.Imports.Encode;

/// <summary>A row encoded for the stage. Its <c>seq</c> is its place in <see cref="ImportChunk.Staged"/>.</summary>
/// <param name="RowNumber">Among the data records, from 1.</param>
/// <param name="Position">Among the records that are read, from 1.</param>
/// <param name="LineNumber">Physical line, from 1.</param>
/// <param name="RawStart">The place of its record in <see cref="ImportChunk.Raws"/>.</param>
/// <param name="RawLength">The record's bytes.</param>
/// <param name="TupleStart">The place of its tuple in <see cref="ImportChunk.Tuples"/>.</param>
/// <param name="KeyStart">The place of its match key there; 0 where rows are not matched on a stored key.</param>
internal readonly record struct StagedRow(
    long RowNumber, long Position, long LineNumber, int RawStart, int RawLength, int TupleStart, int KeyStart);
