using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Driftwood.Data.Migrations;

[DbContext(typeof(DriftwoodDb))]
[Migration("0007_bulk_selections")]
internal sealed class BulkSelections : SqlMigration;
