using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>What a query's text asks for. The fields it selects are checked and then forgotten.</summary>
/// <param name="Type">The type named after FROM, or the one that was given.</param>
/// <param name="Filter">Null where there is no WHERE: all records.</param>
public sealed record Query(RecordType Type, Filter? Filter);
