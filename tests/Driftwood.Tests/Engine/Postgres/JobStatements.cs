using System.Text.Json;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Undo;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Apply;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Engine.Imports;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Tests.Engine.Postgres;

/// <summary>The texts of the statements of jobs, as they are written for a database.</summary>
internal static class JobStatements
{
    // They are for one server: a lock over all accounts. The others in their folders are for every database.
    private static readonly string[] OfOneServer = ["claim-lane", "must-yield"];

    private static readonly RecordType Contacts = RecordTypes.Extend(
        RecordTypes.Contacts,
        [CustomFields.Make(Guid.CreateVersion7(), 1, "badge", "Badge", FieldKind.Text, required: false, unique: true, [])],
        0);

    /// <summary>Those that stand in files: on lanes, their jobs, and maintenance.</summary>
    public static IEnumerable<string> OfFiles()
    {
        var engine = Path.Combine(Repository.Root, "src", "Driftwood.Engine");
        return Directory.EnumerateFiles(engine, "*.sql", SearchOption.AllDirectories)
            .Where(file => !OfOneServer.Contains(Path.GetFileNameWithoutExtension(file)))
            .SelectMany(file => File.ReadAllText(file).Split(";\n"));
    }

    /// <summary>Those of imports of all strategies.</summary>
    public static IEnumerable<string> OfImports(SqlDialect dialect)
    {
        foreach (var row in ApplyStrategyTests.Table)
        {
            var (columns, settings, _) = row.Data;
            var sql = new ImportStatements(ApplyStrategyTests.PlanOf(columns, settings, dialect));
            string?[] texts =
            [
                sql.MatchFew, sql.MatchMost, sql.Lock, sql.LostMatches, sql.AnyOwner, sql.Owners, sql.CompanyCandidates, .. sql.Checks,
                sql.Insert, sql.LogCreated, sql.Update, sql.UpdateByKey, .. sql.AfterWrites, sql.LogSkipped, sql.Outcomes,
            ];
            foreach (var text in texts.OfType<string>()) yield return text;
        }
    }

    /// <summary>Those of bulk jobs on targets and on items.</summary>
    public static IEnumerable<string> OfBulkJobs(SqlDialect dialect)
    {
        (OperationName Name, string Params)[] operations =
        [
            (OperationName.Delete, "{}"), (OperationName.Update, """{"fields": {"birthday": "2001-02-03", "badge": "b", "email": null}}"""),
            (OperationName.Tag, """{"add": ["a"], "remove": ["b"]}"""),
        ];
        foreach (var type in (RecordType[])[Contacts, RecordTypes.Companies])
        {
            foreach (var (name, parameters) in operations)
            {
                if (BulkOperation.Read(type, name, JsonElement.Parse(parameters), out _) is not { } operation) continue;
                var sql = operation.CreateStatements(keepsChanges: true, dialect);
                string?[] texts = [sql.Apply, sql.ApplyToLeftOut, sql.ApplyToAll, sql.Prepare, sql.Lock, sql.Reject];
                foreach (var text in texts.OfType<string>()) yield return text;
            }

            foreach (var action in Enum.GetValues<ItemAction>())
            {
                var match = action == ItemAction.Upsert ? type.Find("external_id") : null;
                var sql = new ItemSql(type, new ItemsOperation(action, match), keepsChanges: true, dialect);
                string?[] texts = [sql.Owners, .. sql.Match, sql.Lock, sql.Lost, sql.Check, sql.Missed, sql.Insert, sql.LogCreated];
                foreach (var text in texts.Append(sql.Update).Concat(sql.UniqueValues).OfType<string>()) yield return text;
            }
        }
    }

    /// <summary>Those of undos over the temporary table.</summary>
    public static IEnumerable<string> OfUndos(SqlDialect dialect)
    {
        var sql = new UndoSql(Contacts, dialect);
        var columns = ChangeLog.Columns(Contacts).ToHashSet();
        string?[] texts =
        [
            sql.Lock, sql.JudgeUpdated(columns), sql.JudgeCreated, sql.KeepTouched, sql.KeepPointedTo, sql.JudgeDeleted, sql.UniqueTexts,
            sql.GiveUpUniqueValues,
        ];
        foreach (var text in texts.OfType<string>()) yield return text;
        foreach (var effect in (ChangeEffect[])[ChangeEffect.Created, ChangeEffect.Updated, ChangeEffect.Deleted])
        {
            foreach (var text in sql.Checks(effect).Append(sql.Write(effect, columns))) yield return text;
        }
    }
}
