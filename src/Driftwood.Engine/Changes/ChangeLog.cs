using System.Text.Json;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Changes;

/// <summary>
/// The parts of statements that write the change log (<c>changes</c>), in the transaction that writes the records. The values before
/// a change come from the look-up that the statement makes anyway.
/// </summary>
/// <remarks>
/// The statements of jobs have the parameters <c>@account</c>, <c>@user</c>, <c>@job</c>, <c>@lane</c>, the lane's cursor before the chunk
/// as <c>@from</c>, and a new id for each statement that is sent as <c>@change</c>.
/// </remarks>
/// <param name="Type">The type of the records.</param>
/// <param name="Effect">What the statement does to them.</param>
internal sealed record ChangeLog(RecordType Type, LogEffect Effect)
{
    /// <summary>The detail of a record that a dry run would change, and that a row before would create.</summary>
    public const string NotStored = "-";

    /// <summary>The detail of a record that was erased. What it held, and what changed in it, is not known any more.</summary>
    public const string Erased = "!";

    /// <summary>Records in a row of the log. Undo takes a row as one run of targets.</summary>
    public const int Length = 2_000;

    // Between two details. JSON has line ends only in their escaped form. One text costs less than an array of texts.
    private const string LineEnd = @"E'\n'";

    // 1.5 and 1.50 are equal numbers, but an undo has to tell them apart.
    private static readonly HashSet<string> Scaled =
    [
        .. RecordTypes.BuiltIn.SelectMany(type => type.Columns).Where(field => field.SqlType == "numeric").Select(field => field.Key),
        "custom",
    ];

    /// <summary>The records come with <c>row_number</c>.</summary>
    public bool HasRowNumbers { get; init; }

    /// <summary>The records come with <c>detail</c>: <see cref="Changed"/>, or <see cref="DeletedImages.Image"/>.</summary>
    public bool HasDetails { get; init; }

    /// <summary>
    /// The database. A cluster joins by hash, and so writes the records of a statement in any order. It sorts them for the log.
    /// </summary>
    public SqlDialect Dialect { get; init; } = SqlDialect.Plain;

    // The details of a dry run also tell which records are not stored.
    private bool IsOfDryRun => Effect is LogEffect.WouldCreate or LogEffect.WouldUpdate;

    /// <summary>The columns that hold a record's values: those of its fields with their match keys, custom values and tags.</summary>
    public static IEnumerable<string> Columns(RecordType type)
    {
        foreach (var field in type.Columns)
        {
            yield return field.Key;
            if (field.KeyColumn is { } key) yield return key;
        }

        yield return "custom";
        yield return "tags";
        yield return "tag_keys";
    }

    /// <summary>Reads columns of the record <c>r</c> before it is changed, each under its name after <c>before_</c>.</summary>
    public static string Before(IEnumerable<string> columns) =>
        string.Concat(columns.Select(column => $", r.{column} as before_{column}"));

    /// <summary>
    /// The members of a JSON object: each column of the record <c>r</c> that changed, with an array of its values before and after. Each
    /// member begins with a comma.
    /// </summary>
    /// <param name="before">The row with the values before, and what comes before a column's name there.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="after">What comes before a column's name in the row with the values after.</param>
    public static string Changed(string before, IEnumerable<string> columns, string after = "r.") =>
        Changed(Values(before, columns, after));

    /// <summary>
    /// The same before the record <c>r</c> is written, from the assignments that will change it. One text passes through the statement
    /// in place of all values before.
    /// </summary>
    /// <param name="sets">Each column that is written, with the SQL of its new value in the column's type.</param>
    public static string WillChange(IEnumerable<(string Column, string Value)> sets) => Changed(Values(sets));

    /// <summary>
    /// The text of <see cref="WillChange"/>, or a mark in its place where no changes are kept. It is empty if no assignment changes the
    /// record <c>r</c> (<see cref="IsUnchanged"/>).
    /// </summary>
    /// <param name="sets">Each column that is written, with the SQL of its new value in the column's type.</param>
    /// <param name="keepsChanges">Whether the log has details.</param>
    public static string Detail(IEnumerable<(string Column, string Value)> sets, bool keepsChanges) => Detail(Values(sets), keepsChanges);

    /// <summary>The same from a row with the values before and after.</summary>
    /// <param name="before">What comes before a column's name there, for the value before.</param>
    /// <param name="columns">The columns that are written.</param>
    /// <param name="after">What comes before a column's name there, for the value after.</param>
    /// <param name="keepsChanges">Whether the log has details.</param>
    public static string Detail(string before, IEnumerable<string> columns, string after, bool keepsChanges) =>
        Detail(Values(before, columns, after), keepsChanges);

    /// <summary>The SQL of the JSON object whose members <see cref="Changed"/> wrote.</summary>
    public static string Json(string members) => $"('{{' || substr({members}, 2) || '}}')::jsonb";

    /// <summary>
    /// The SQL of the details of a row <c>c</c> of the log, as an array in the order of its records. Those of deleted records are kept in
    /// another way (<see cref="DeletedImages"/>).
    /// </summary>
    public const string Details = $"string_to_array(c.details, {LineEnd})";

    /// <summary>
    /// The same for a row of any effect whose records have a type. Those of deleted records are null if a condition on their
    /// <c>r.record_id</c> does not hold.
    /// </summary>
    public static string DetailsOf(RecordType type, string condition) =>
        $"case when c.effect = 'deleted' then {new DeletedImages(type).Details(condition)} else {Details} end";

    /// <summary>A statement that writes the log of records that a job has written before.</summary>
    /// <param name="step">The SQL of the statement's place in its chunk.</param>
    /// <param name="records">The records in the order of their ids: a table or subquery with <c>id</c>.</param>
    public string Statement(string step, string records) => $"with {OfJob(step, records)} select {Sum("logged")}";

    /// <summary>
    /// The same for records whose ids and numbers of rows the caller knows: <c>@ids</c>, in their order, and <c>@rows</c>, as long. The
    /// least and the greatest number of each <see cref="Length"/> rows are in <c>@first_rows</c> and <c>@last_rows</c>. PostgreSQL cuts
    /// the arrays, where the other statement makes rows of them and arrays of these.
    /// </summary>
    /// <param name="step">The SQL of the statement's place in its chunk.</param>
    public string StatementOfArrays(string step)
    {
        var slice = Invariant($"[p.part * {Length} + 1 : (p.part + 1) * {Length}]");
        var source = new Source(
            "p.part", $"(@ids){slice}", $"(@rows){slice}", "(@first_rows)[p.part + 1]", "(@last_rows)[p.part + 1]",
            Invariant($"generate_series(0, (cardinality(@ids) - 1) / {Length}) as p (part)"));
        return $"with {OfJob(step, source, "@change", "logged")} select {Sum("logged")}";
    }

    /// <summary>The parts of a job's statement that write its log, separated by commas. The first is called <c>logged</c>.</summary>
    /// <param name="step">The SQL of the statement's place in its chunk.</param>
    /// <param name="records">The records in the order of their ids: a table or subquery with <c>id</c>.</param>
    public string OfJob(string step, string records) => OfJob(step, Source.Of(records, Order), "@change", "logged");

    /// <summary>The same for a statement that belongs to no job.</summary>
    /// <param name="account">The parameter with the account.</param>
    /// <param name="user">The parameter with the user.</param>
    /// <param name="records">The records in the order of their ids: a table or subquery with <c>id</c>.</param>
    public string OfRecords(string account, string user, string records) =>
        Parts((account, "gen_random_uuid()", user), ("null::uuid", "0", "0", "0"), Source.Of(records, Order), "logged");

    /// <summary>A job's statement that writes records and their log, and returns the number of records.</summary>
    /// <param name="step">The SQL of the statement's place in its chunk.</param>
    /// <param name="statement">Writes the records, and returns <c>id</c> and the rest of the log.</param>
    /// <param name="isInIdOrder">It writes them in the order of their ids.</param>
    public string WriteAndCount(string step, string statement, bool isInIdOrder = true) => $"""
        with changed as (
        {statement}),
        {OfJob(step, isInIdOrder ? "changed" : InIdOrder("changed"))}
        select {Sum("logged")}
        """;

    /// <summary>
    /// A job's statement that changes records and leaves those alone that have the new values already. It writes the log of both, and
    /// returns the number of records that it wrote and that of the unchanged ones.
    /// </summary>
    /// <param name="found">
    /// The found records in the order of their ids, with <c>id</c>, with <c>row_number</c> if the log has row numbers, and with
    /// <c>detail</c> (<see cref="Detail"/>).
    /// </param>
    /// <param name="statement">
    /// Writes the records of <c>found</c> that are not unchanged, and returns <c>id</c> and the rest of the log.
    /// </param>
    /// <param name="step">The SQL of the statement's place in its chunk.</param>
    /// <param name="unchangedStep">The same for the log of the unchanged ones.</param>
    public string WriteAndCountBoth(string found, string statement, string step, string unchangedStep) => $"""
        with found as materialized (
        {found}),
        changed as (
        {statement}),
        {OfJob(step, "changed")},
        {OfUnchanged(unchangedStep, $"(select id{(HasRowNumbers ? ", row_number" : "")} from found where {IsUnchanged})")}
        select {Sum("logged")}, {Sum("left_alone")}
        """;

    /// <summary>The part of a job's statement that writes the log of unchanged records. It is called <c>left_alone</c>.</summary>
    /// <param name="step">The SQL of the statement's place in its chunk.</param>
    /// <param name="records">The records in the order of their ids: a subquery with <c>id</c>.</param>
    public string OfUnchanged(string step, string records) =>
        (this with { Effect = LogEffect.Unchanged, HasDetails = IsOfDryRun })
            .OfJob(step, Source.Of(records, Order), "gen_random_uuid()", "left_alone");

    /// <summary>The condition that the detail of a found record says that nothing changes.</summary>
    public const string IsUnchanged = "detail = ''";

    /// <summary>The number of records that a part of the statement wrote to the log.</summary>
    public static string Sum(string part) => $"(select coalesce(sum(cardinality(record_ids)), 0)::bigint from {part})";

    /// <summary>The records of a statement that writes them in another order.</summary>
    public static string InIdOrder(string records) => $"(select * from {records} order by id)";

    private static string Changed(IEnumerable<Value> values) =>
        Members(values.Select(value => (value.Differs, value.Column, $"json_build_array({value.Before}, {value.After})")));

    private static string Detail(IEnumerable<Value> values, bool keepsChanges) => keepsChanges
        ? Changed(values)
        : $"case when {string.Join(" or ", values.Select(value => value.Differs).Prepend("false"))} then ',' else '' end";

    private static IEnumerable<Value> Values(string before, IEnumerable<string> columns, string after) =>
        columns.Select(column => new Value(column, before + column, after + column));

    private static IEnumerable<Value> Values(IEnumerable<(string Column, string Value)> sets) =>
        sets.Select(set => new Value(set.Column, "r." + set.Column, $"({set.Value})"));

    /// <summary>The condition that a row <c>c</c> of the log tells of a change, and not of what a row of a file did not change.</summary>
    public const string IsChange = "c.effect in ('created', 'updated', 'deleted')";

    /// <summary>Whether a column is empty, and not null, where it is blank.</summary>
    public static bool IsNeverNull(string column) => column is "custom" or "tags" or "tag_keys";

    /// <summary>The members of a JSON object. Each has a condition; without it, the member is left out.</summary>
    public static string Members(IEnumerable<(string Condition, string Column, string Values)> members) =>
        $"concat(''{string.Concat(members.Select(m => $", case when {m.Condition} then ',\"{m.Column}\":' || {m.Values} end"))})";

    // Ordered by id, a row of the log covers a range of ids, and a reader of one record's history passes over most rows. A statement
    // returns records in the order in which it writes them, and all write them in the order of their ids. To sort them once more took
    // half as long again. Groups are hashed, which keeps their order. Tests compare the order of every row that jobs write.
    private string Parts(
        (string Account, string Change, string User) owner, (string Job, string Lane, string Cursor, string Step) place, Source source,
        string name)
    {
        List<(string Column, string Value)> written =
        [
            ("account_id", owner.Account), ("id", owner.Change), ("part", source.Part),
            ("job_id", place.Job), ("lane", place.Lane), ("cursor", place.Cursor), ("step", place.Step),
            ("record_type", $"'{Type.Key}'"), ("effect", $"'{JsonNamingPolicy.SnakeCaseLower.ConvertName($"{Effect}")}'"),
            ("user_id", owner.User), ("record_ids", source.Ids),
        ];
        if (Type.TypeId is { } typeId) written.Add(("type_id", $"'{typeId}'"));
        if (HasRowNumbers)
        {
            written.Add(("row_numbers", source.RowNumbers));
            written.Add(("first_row", source.FirstRow));
            written.Add(("last_row", source.LastRow));
        }

        if (HasDetails && Effect == LogEffect.Deleted) written.Add((new DeletedImages(Type).Column, "array_agg(n.detail)"));
        else if (HasDetails) written.Add(("details", $"string_agg(case n.detail when '' then ',' else n.detail end, {LineEnd})"));
        var logged = Invariant($"""
            {name} as (
            insert into changes ({string.Join(", ", written.Select(w => w.Column))})
            select {string.Join(", ", written.Select(w => w.Value))}
            from {source.From}
            returning {Shared}, made_at, record_ids)
            """);
        return Effect is not (LogEffect.Created or LogEffect.Updated) ? logged : $"""
            {logged},
            latest as (
            insert into latest_changes ({Shared}, updated_at, records, record_ids)
            select {Shared}, made_at, cardinality(record_ids), record_ids from {name})
            """;
    }

    private string Order => Dialect.IsDistributed ? "order by x.id" : "";

    // The columns of the log that latest_changes has too.
    private const string Shared = "account_id, record_type, type_id, id, part";

    // Two logs of one statement cannot share an id.
    private string OfJob(string step, Source source, string id, string name) =>
        Parts(("@account", id, "@user"), ("@job", "@lane", "@from", step), source, name);

    /// <summary>The SQL of a row of the log, and what follows FROM.</summary>
    private sealed record Source(string Part, string Ids, string RowNumbers, string FirstRow, string LastRow, string From)
    {
        /// <summary>The rows for records with <c>id</c> and what else the log keeps of each.</summary>
        public static Source Of(string records, string order) => new(
            Invariant($"((n.place - 1) / {Length})::int"), "array_agg(n.id)", "array_agg(n.row_number)", "min(n.row_number)",
            "max(n.row_number)", Invariant($"""
            (select x.*, row_number() over ({order}) as place from {records} x) n
            group by (n.place - 1) / {Length}
            """));
    }

    /// <summary>A column with the SQL of its values before and after a change.</summary>
    private sealed record Value(string Column, string Before, string After)
    {
        /// <summary>The condition that they differ.</summary>
        public string Differs => Scaled.Contains(Column)
            ? $"{Before}::text is distinct from {After}::text"
            : $"{Before} is distinct from {After}";
    }
}
