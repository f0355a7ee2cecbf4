using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Records.Store;

/// <summary>Finds the field that a refusal of the database is about.</summary>
internal static class RecordConstraints
{
    /// <summary>A fault that the caller can fix; null when the refusal is not about one of the type's fields.</summary>
    public static Fault? Read(RecordType type, PostgresException refusal) => PostgresFaults.CodeOf(refusal) switch
    {
        PostgresErrorCodes.UniqueViolation => Duplicate(type, ConstraintNames.Of(refusal)),
        PostgresErrorCodes.ForeignKeyViolation => Unknown(type, ConstraintNames.Of(refusal)),
        _ => null,
    };

    // Unique indexes are named after table and field. The migrations follow this rule.
    private static Fault? Duplicate(RecordType type, string? index) =>
        type.Columns.FirstOrDefault(field => field.Unique && index == $"{type.Table}_{field.Key}") is { } field
            ? Duplicate(type, field, field.Key)
            : null;

    public static Fault Duplicate(RecordType type, Field field, string path) =>
        new(path, "duplicate_value", $"Another record of {type.Key} has this {field.Key}; it must be unique.");

    // PostgreSQL names a foreign key after its columns. The first column is the account.
    private static Fault? Unknown(RecordType type, string? constraint) =>
        type.Columns.FirstOrDefault(
            field => field.Target is not null && constraint == $"{type.Key}_account_id_{field.Key}_fkey") is { } field
            ? new Fault(field.Key, "not_found", $"There is no record of {field.Target} with this id.")
            : null;
}
