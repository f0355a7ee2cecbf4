using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>The meaning of a query's text. The selected fields are checked but not kept.</summary>
/// <param name="Type">The type after FROM, or the given type.</param>
/// <param name="Filter">Null if there is no WHERE: all records.</param>
public sealed record Query(RecordType Type, Filter? Filter);
