using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Driftwood.Data.Migrations;

[DbContext(typeof(DriftwoodDb))]
[Migration("0005_dry_runs")]
internal sealed class DryRuns : SqlMigration;
