using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Npgsql;
using static System.FormattableString;

namespace Driftwood.Engine.Records.Queries;

/// <summary>
/// The statements of a query. All values are parameters, <c>$1</c> the account; the table's rows are called <c>r</c>. Pages go
/// on behind a place in the order, never by counting rows, so that the thousandth costs what the first does.
/// </summary>
internal sealed class RecordQuerySql
{
    // Enough to sort by; a cursor carries it.
    private const int SortedCharacters = 100;

    private readonly RecordQuery _query;
    private readonly List<NpgsqlParameter> _parameters;
    private readonly string _condition;

    public RecordQuerySql(RecordQuery query, Guid account)
    {
        _query = query;
        _parameters = [new NpgsqlParameter<Guid> { TypedValue = account }];
        var owned = query.Type.Owned("r", "$1");
        _condition = query.Filter is null ? owned : $"{owned} and {FilterSql.Write(query.Filter, _parameters)}";
    }

    /// <summary>The selected rows, as written after <c>from</c>.</summary>
    public string From => $"{_query.Type.Table} r where {_condition}";

    /// <summary>Answers one number.</summary>
    public string Count => $"select count(*) from {From}";

    /// <summary>
    /// Answers JSON with what the planner expects of the selected rows. A column that no index holds, as pages need the rows
    /// themselves.
    /// </summary>
    public string Plan => $"explain (format json) select r.tags from {From}";

    /// <summary>Whether pages find all that is selected before they sort.</summary>
    public bool FiltersFirst { get; set; }

    public void AddParameters(NpgsqlParameterCollection parameters) => _parameters.ForEach(parameter => parameters.Add(parameter.Clone()));

    /// <summary>
    /// The page behind a place, of records that have what they are sorted by or, with <paramref name="blanks"/>, of those that
    /// have not. The first column behind the record's own is the place's value.
    /// </summary>
    /// <param name="after">Null begins at the beginning.</param>
    /// <param name="blanks">Blank ones are a list of their own, since no index holds them in order with the others.</param>
    /// <param name="limit">Rows.</param>
    public NpgsqlBatchCommand Page(RecordPlace? after, bool blanks, int limit)
    {
        var command = new NpgsqlBatchCommand();
        AddParameters(command.Parameters);
        var direction = _query.Descending ? "desc" : "asc";
        var (key, type) = SortKey();
        string place, order;
        if (blanks || key == "r.id")
        {
            // The first page begins beyond every id, so that every page has the same plan.
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

    /// <summary>Whether records can lack what they are sorted by. Of custom fields older records can, even of required ones.</summary>
    public bool MayBeBlank => _query.OrderBy is { Kind: not FieldKind.Id } and ({ IsCustom: true } or { Required: false });

    private string Behind => _query.Descending ? "<" : ">";

    // Match keys and time stamps have indexes in this order. Other text is put in the order people expect, in which case
    // comes second.
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
