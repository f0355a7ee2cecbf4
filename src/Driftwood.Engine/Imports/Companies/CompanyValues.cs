using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>The values that one company gets from the rows of a wave, as if the rows were applied one after the other.</summary>
/// <param name="columns">Their columns.</param>
/// <param name="clears">Blank cells clear values.</param>
internal sealed class CompanyValues(IReadOnlyList<MappedColumn> columns, bool clears)
{
    private readonly string?[] _values = new string?[columns.Count];
    private readonly int[] _rows = [.. Enumerable.Repeat(-1, columns.Count)];
    private bool _areKnown; // the values before the rows

    /// <summary>The value of a column, in stored form.</summary>
    public string? this[int column] => _values[column];

    /// <summary>Takes the values of the row that creates the company.</summary>
    public void Create(IReadOnlyList<string?> row)
    {
        _areKnown = true;
        for (var i = 0; i < columns.Count; i++)
        {
            _values[i] = row[i] ?? (columns[i].OnCreate is { } value ? Encoding.UTF8.GetString(value) : null);
        }
    }

    /// <summary>Takes the values of a row whose company exists by then.</summary>
    /// <param name="seq">The row's place.</param>
    /// <param name="row">Its values.</param>
    public void Change(int seq, IReadOnlyList<string?> row)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            var isTaken = column.Policy switch
            {
                ColumnPolicy.CreateOnly => false,
                ColumnPolicy.FillBlank => _values[i] is null && row[i] is not null,
                _ => row[i] is not null || Clears(column, clears),
            };
            var isKnown = _areKnown || _rows[i] >= 0;
            if (isTaken && !(isKnown && _values[i] == row[i])) (_values[i], _rows[i]) = (row[i], seq);
        }
    }

    /// <summary>The places of the rows after the first that gave a new company values which it has in the end.</summary>
    public IEnumerable<int> LaterRows => RowsOf(_ => true);

    /// <summary>The places of the rows whose values stand in some of the columns.</summary>
    public IEnumerable<int> RowsOf(Func<MappedColumn, bool> isChanged) =>
        _rows.Where((row, i) => row >= 0 && isChanged(columns[i])).Distinct();

    /// <summary>The values of custom fields with that policy, as <c>custom</c> has them; of all where it is null.</summary>
    public string CustomJson(ColumnPolicy? policy)
    {
        using ByteBuffer json = new(256);
        Records.Values.CustomJson.Begin(json);
        foreach (var (i, column) in columns.Index())
        {
            if (!column.Field.IsCustom || (policy is not null && column.Policy != policy)) continue;
            Records.Values.CustomJson.Add(column.Field, Encoding.UTF8.GetBytes(_values[i] ?? ""), json);
        }

        Records.Values.CustomJson.End(json);
        return Encoding.UTF8.GetString(json.Written);
    }

    /// <summary>Whether a blank cell of the column clears the value of a company. A company keeps what it needs.</summary>
    public static bool Clears(MappedColumn column, bool clears) => clears && !CompanyColumns.IsRequired(column);
}
