namespace Driftwood.Engine.Records.FieldKinds;

/// <summary>The form of a value in JSON or in a query.</summary>
internal enum LiteralForm
{
    String,
    Number,
    Boolean,
}
