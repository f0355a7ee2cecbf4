using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Driftwood.Data.Migrations;

[DbContext(typeof(DriftwoodDb))]
[Migration("0003_no_check_per_row")]
internal sealed class NoCheckPerRow : SqlMigration;
