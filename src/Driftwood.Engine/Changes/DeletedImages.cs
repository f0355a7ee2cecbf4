using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Changes;

/// <summary>
/// Keeps whole deleted records in the change log. A row of the log has them in an array of a composite type that has the columns of their
/// table, and not as text: to write a record as text takes twice as long as to delete it. An erased record is null.
/// </summary>
/// <param name="type">The type of the records.</param>
internal sealed class DeletedImages(RecordType type)
{
    private readonly string[] _columns = [.. ChangeLog.Columns(type), "created_at", "created_by"];

    /// <summary>The column of the log.</summary>
    public string Column => $"deleted_{type.Table}";

    /// <summary>The image of a record <c>r</c>.</summary>
    public string Image => $"row({Values})::{type.Table}_image";

    /// <summary>
    /// The records <c>r</c> of a row of the log with <c>record_id</c>, <c>place</c> from 1, and the columns that they had. These are null
    /// if the record was erased, or if the log keeps no images.
    /// </summary>
    /// <param name="row">The row of the log.</param>
    public string Records(string row) => RecordsOf($"{row}.record_ids", "record_id", $"{row}.{Column}");

    /// <summary>The same from an array of images and others of the same length.</summary>
    /// <param name="others">The SQL of the other arrays.</param>
    /// <param name="names">The names of their values.</param>
    /// <param name="images">The SQL of the array of images.</param>
    public string RecordsOf(string others, string names, string images) =>
        $"unnest({others}, {images}) with ordinality as r ({names}, {string.Join(", ", _columns)}, place)";

    /// <summary>The condition that the image of a record <c>r</c> is there.</summary>
    public const string IsKept = "r.created_at is not null";

    /// <summary>The columns of <see cref="Records(string)"/> that the record had.</summary>
    public string Values => string.Join(", ", _columns.Select(column => $"r.{column}"));

    /// <summary>The JSON members of <see cref="FieldChange"/> for a record <c>r</c>: each column that was not blank.</summary>
    public string Detail => ChangeLog.Members(_columns.Select(column => (IsFilled(column), column, $"json_build_array(r.{column}, null)")));

    /// <summary>
    /// The details of a row <c>c</c> of the log, as an array in the order of its records. They are null for records of which a condition on
    /// <c>r</c> does not hold.
    /// </summary>
    public string Details(string condition) => $"""
        array(select case
                  when not ({condition}) then null
                  when {IsKept} then {Detail}
                  when c.{Column} is not null then '{ChangeLog.Erased}'
              end
              from {Records("c")} order by r.place)
        """;

    /// <summary>The images of a row <c>c</c> of the log; those of which a condition on <c>r</c> holds are null.</summary>
    public string Without(string condition) =>
        $"array(select case when {IsKept} and not ({condition}) then {Image} end from {Records("c")} order by r.place)";

    private static string IsFilled(string column) => ChangeLog.IsNeverNull(column) ? $"r.{column} <> '{{}}'" : $"r.{column} is not null";
}
