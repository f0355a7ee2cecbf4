using System.Reflection;
using System.Reflection.Emit;

namespace Driftwood.Tests.Infrastructure;

/// <summary>
/// Finds which folders of src use which others, from the compiled code. A folder is a namespace. Constants and <c>nameof</c> leave
/// no trace in the compiled code, so an arrow that exists only for them is not found.
/// </summary>
internal static class FolderArrows
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => field.GetValue(null)).OfType<OpCode>().ToDictionary(code => code.Value);

    /// <summary>Each folder with the folders that it uses. Names start below src/Driftwood, such as <c>Api/Platform/Rpc</c>.</summary>
    public static SortedDictionary<string, SortedSet<string>> Read(IEnumerable<Assembly> assemblies)
    {
        var arrows = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()))
        {
            if (FolderOf(type) is not { } folder) continue;
            if (!arrows.TryGetValue(folder, out var used)) arrows.Add(folder, used = new SortedSet<string>(StringComparer.Ordinal));
            used.UnionWith(TypesUsedBy(type).SelectMany(Parts).Select(FolderOf).OfType<string>().Where(other => other != folder));
        }

        return arrows;
    }

    private static string? FolderOf(Type type) =>
        type.Namespace?.StartsWith("Driftwood.", StringComparison.Ordinal) == true
            ? type.Namespace["Driftwood.".Length..].Replace('.', '/') : null;

    private static IEnumerable<Type> TypesUsedBy(Type type)
    {
        if (type.BaseType is { } parent) yield return parent;
        foreach (var implemented in type.GetInterfaces()) yield return implemented;
        foreach (var field in type.GetFields(Declared)) yield return field.FieldType;
        foreach (var method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
        {
            if (method is MethodInfo { ReturnType: var returned }) yield return returned;
            foreach (var parameter in method.GetParameters()) yield return parameter.ParameterType;
            if (method.GetMethodBody() is not { } body) continue;
            foreach (var local in body.LocalVariables) yield return local.LocalType;
            foreach (var named in Operands(method, body.GetILAsByteArray()!)) yield return named;
        }
    }

    /// <summary>The types that a method's instructions name, directly or as the owners of members.</summary>
    private static IEnumerable<Type> Operands(MethodBase method, byte[] code)
    {
        var ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var opcode = OpCodesByValue[code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at]];
            at += opcode.Size;
            if (opcode.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType
                or OperandType.InlineTok)
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod);
                if (member as Type is { } type) yield return type;
                if (member?.DeclaringType is { } owner) yield return owner;
                if (member is MethodInfo { IsGenericMethod: true } generic)
                    foreach (var argument in generic.GetGenericArguments()) yield return argument;
            }

            at += opcode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType) return Parts(type.GetElementType()!);
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];
    }
}
