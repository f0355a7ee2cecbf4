using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Records.Queries;

/// <summary>The tags in use, counted at the time of the request.</summary>
public sealed class TagCounts(NpgsqlDataSource database)
{
    /// <summary>The same as <see cref="RecordQueries.Timeout"/>; the count reads every record of the account.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// At most <paramref name="limit"/> tags of the records of these types, in the order of their keys. The list starts after
    /// the key <paramref name="after"/>; an empty key starts with the first tag.
    /// </summary>
    /// <exception cref="RecordQueryTimeoutException">The count took too long.</exception>
    public Task<IReadOnlyList<TagCount>> ListAsync(
        IReadOnlyList<RecordType> types, Guid account, string after, int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(Sql(types))
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = account },
                new NpgsqlParameter<string> { TypedValue = after },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        return database.ReadAsync(
            Timeout,
            command,
            async reader =>
            {
                List<TagCount> counts = [];
                while (await reader.ReadAsync(cancellationToken))
                {
                    counts.Add(new TagCount(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
                }

                return (IReadOnlyList<TagCount>)counts;
            },
            cancellationToken);
    }

    // Ids grow with time, so the greatest concatenation of id and spelling ends with the newest spelling. An ordered array of
    // all spellings would need memory for every record. An id takes 36 characters.
    private static string Sql(IReadOnlyList<RecordType> types) =>
        $"""
        select tag.key, substr(max((tag.id::text || tag.name) collate "C"), 37), count(*)
        from (
            {string.Join("\n    union all\n    ", types.Select(Of))}
        ) tag
        group by tag.key
        order by tag.key
        limit $3
        """;

    private static string Of(RecordType type) =>
        $"""
        select record.id, used.name, used.key
            from {type.Table} record cross join unnest(record.tags, record.tag_keys) as used (name, key)
            where {type.Owned("record", "$1")} and used.key > $2
        """;
}
