using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Driftwood.Data.Migrations;

[DbContext(typeof(DriftwoodDb))]
[Migration("0004_row_warnings")]
internal sealed class RowWarnings : SqlMigration;
