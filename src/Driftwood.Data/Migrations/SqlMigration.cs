using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Driftwood.Data.Migrations;

/// <summary>A migration whose body is the embedded SQL file that has the migration's id as its name.</summary>
internal abstract class SqlMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        var id = GetType().GetCustomAttribute<MigrationAttribute>()!.Id;
        var name = $"Driftwood.Data.Migrations.{id}.sql";
        using var stream = typeof(SqlMigration).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The migration's SQL is not embedded: {name}");
        using var reader = new StreamReader(stream);
        migrationBuilder.Sql(reader.ReadToEnd());
    }
}
