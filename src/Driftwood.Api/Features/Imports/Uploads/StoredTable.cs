using Driftwood.Engine.Files.Tables;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>A stored table that was made of an uploaded file.</summary>
/// <param name="Key">The table.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Original">The key of the uploaded file.</param>
/// <param name="Table">What was read of the file.</param>
internal sealed record StoredTable(string Key, long Length, string Original, ConvertedTable Table);
