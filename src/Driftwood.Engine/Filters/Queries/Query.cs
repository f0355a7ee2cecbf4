using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>The meaning of a query's text. The selected fields are checked and not kept.</summary>
/// <param name="Type">The type named after FROM, or the one that was given.</param>
/// <param name="Filter">Null where there is no WHERE: all records.</param>
public sealed record Query(RecordType Type, Filter? Filter);
