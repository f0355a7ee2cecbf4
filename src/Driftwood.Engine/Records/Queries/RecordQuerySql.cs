using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;
using static System.FormattableString;

namespace Driftwood.Engine.Records.Queries;

/// <summary>
/// The statements of a query. All values are parameters; <c>$1</c> is the account. The table's rows are called <c>r</c>. A page
/// starts after a place in the order and never counts rows, so the thousandth page costs as much as the first.
/// </summary>
internal sealed class RecordQuerySql
{
    // Enough characters to sort by. A cursor carries them.
    private const int SortedCharacters = 100;

    private readonly RecordQuery _query;
    private readonly List<NpgsqlParameter> _parameters;
    private readonly string _condition;
    private readonly TimeSource _times;

    public RecordQuerySql(RecordQuery query, Guid account)
    {
        _query = query;
        _parameters = [new NpgsqlParameter<Guid> { TypedValue = account }];
        var owned = query.Type.Owned("r", "$1");
        _condition = query.Filter is null ? owned : $"{owned} and {FilterSql.Write(query.Filter, _parameters)}";
        _times = new TimeSource(query.Type, query.Filter, _parameters);
    }

    /// <summary>The selected rows, as written after <c>from</c>.</summary>
    public string From => $"{(IsByTime ? _times.Records : $"{_query.Type.Table} r")} where {_condition}";

    /// <summary>Whether the rows are found by their <c>updated_at</c>, of which there is no index.</summary>
    public bool IsByTime { get; private set; }

    /// <summary>Finds the rows by their <c>updated_at</c> if that is fast.</summary>
    /// <param name="read">Reads the number that a statement with the query's parameters returns.</param>
    public async Task ChooseSourceAsync(Func<NpgsqlBatchCommand, Task<long>> read) => IsByTime = await _times.IsFastAsync(text =>
    {
        var command = new NpgsqlBatchCommand(text);
        AddParameters(command.Parameters);
        return read(command);
    });

    /// <summary>Returns one number.</summary>
    public string Count => $"select count(*) from {From}";

    /// <summary>The same, but reads no more rows than the limit.</summary>
    public string CountUpTo(long limit) => Invariant($"select count(*) from (select from {From} limit {limit}) few");

    /// <summary>
    /// Returns the planner's expectations for the selected rows as JSON. It selects a column that no index holds, because pages
    /// need the rows themselves.
    /// </summary>
    public string Plan => $"explain (format json) select r.tags from {From}";

    /// <summary>Whether a page finds all selected records before it sorts them.</summary>
    public bool FiltersFirst { get; set; }

    public void AddParameters(NpgsqlParameterCollection parameters) => _parameters.ForEach(parameter => parameters.Add(parameter.Clone()));

    /// <summary>
    /// The page after a place. It holds the records with a value in the sort field or, with <paramref name="blanks"/>, those
    /// without one. The first column after the record's own columns is the place's value.
    /// </summary>
    /// <param name="after">Null starts at the beginning.</param>
    /// <param name="blanks">Selects the blank records. They form a separate list, since no index orders them with the others.</param>
    /// <param name="limit">Maximum rows.</param>
    public NpgsqlBatchCommand Page(RecordPlace? after, bool blanks, int limit)
    {
        var command = new NpgsqlBatchCommand();
        AddParameters(command.Parameters);
        var direction = _query.Descending ? "desc" : "asc";
        if (IsInOrderOfTime)
        {
            command.CommandText = PageByTime(command, after, direction, limit);
            return command;
        }

        var (key, type) = SortKey();
        string place, order;
        if (blanks || key == "r.id")
        {
            // The first page starts beyond every id, so that every page has the same plan.
            var beyond = _query.Descending ? Guid.AllBitsSet : Guid.Empty;
            place = $"r.id {Behind} {Id(command, after?.Id ?? beyond)}";
            order = $"r.id {direction}";
        }
        else
        {
            place = after?.Value is null ? "true" : $"({key}, r.id) {Behind} ({Cast(command, after.Value, type)}, {Id(command, after.Id)})";
            order = $"{key} {direction}, r.id {direction}";
        }

        var mayBeBlank = MayBeBlank ? $" and {key} is {(blanks ? "null" : "not null")}" : "";
        var length = Parameter(command, new NpgsqlParameter<int> { TypedValue = limit });
        var from = $"{From}{mayBeBlank} and {place}";
        var returned = $"{RecordSql.Of(_query.Type).Returned}, ({key})::text";
        command.CommandText = FiltersFirst
            ? $"""
                with found as materialized (select r.id, {key} as sorted_by from {from}),
                     page as materialized (select id from found order by sorted_by {direction}, id {direction} limit {length})
                select {returned} from {_query.Type.Table} r join page using (id)
                where {_query.Type.Owned("r", "$1")}
                order by {order}
                """
            : $"select {returned} from {from} order by {order} limit {length}";
        return command;
    }

    /// <summary>What a page sets beside the time limit, as written after <c>select</c>; null: nothing.</summary>
    public string? PageSettings => IsInOrderOfTime ? TimeSource.Settings : null;

    private bool IsInOrderOfTime => _query.OrderBy.Key == RecordType.UpdatedAt.Key && !FiltersFirst;

    private string PageByTime(NpgsqlBatchCommand command, RecordPlace? after, string direction, int limit)
    {
        var (times, place) = ("", "");
        if (after is { Value: { } value })
        {
            var (time, id) = (Cast(command, value, "timestamptz"), Id(command, after.Id));
            (times, place) = ($" and r.updated_at {Behind}= {time}", $" and (l.time, l.record) {Behind} ({time}, {id})");
        }

        return $"""
            select {RecordSql.Of(_query.Type).Returned}, r.updated_at::text from {_times.RecordsInOrder(times, direction)}
            where {_condition}{place}
            order by l.time {direction}, l.record {direction}
            limit {Parameter(command, new NpgsqlParameter<int> { TypedValue = limit })}
            """;
    }

    /// <summary>Whether the sort field can be blank. Older records can lack a custom field, even a required one.</summary>
    public bool MayBeBlank => _query.OrderBy is { Kind: not FieldKind.Id } and ({ IsCustom: true } or { Required: false });

    private string Behind => _query.Descending ? "<" : ">";

    // Match keys and time stamps have indexes in this order. Other text is sorted in the order that people expect, which compares
    // case last.
    private (string Sql, string Type) SortKey() => _query.OrderBy switch
    {
        { KeyColumn: { } column } => ($"r.{column}", "text"),
        { SqlType: "text" } field => (Invariant($"left({field.ValueSql("r")}, {SortedCharacters}) collate caseless"), "text"),
        var field => (field.ValueSql("r"), field.SqlType),
    };

    private static string Cast(NpgsqlBatchCommand command, string value, string type) =>
        $"{Parameter(command, new NpgsqlParameter<string> { TypedValue = value })}::text{(type == "text" ? "" : "::" + type)}";

    private static string Id(NpgsqlBatchCommand command, Guid id) => Parameter(command, new NpgsqlParameter<Guid> { TypedValue = id });

    private static string Parameter(NpgsqlBatchCommand command, NpgsqlParameter parameter)
    {
        command.Parameters.Add(parameter);
        return Invariant($"${command.Parameters.Count}");
    }
}
