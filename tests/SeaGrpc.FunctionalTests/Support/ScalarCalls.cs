using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>
/// Finds, in compiled code, the calls that leave a TorchSharp scalar to the collector: conversions of numbers, and TorchSharp's own methods
/// that convert a number inside, however deep (docs/decisions/0005).
/// </summary>
internal sealed class ScalarCalls
{
    private readonly HashSet<string> _leaving;

    private ScalarCalls(HashSet<string> leaving) => _leaving = leaving;

    /// <summary>Reads a TorchSharp.</summary>
    /// <param name="torchSharp">The path of its assembly.</param>
    public static ScalarCalls Of(string torchSharp)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(torchSharp);
        var calls = Methods(assembly).Where(method => !IsConversion(method))
            .ToDictionary(method => method.FullName, method => Calls(method).Select(call => call.FullName).ToHashSet());
        HashSet<string> leaving = [.. Methods(assembly).Where(IsConversion).Select(method => method.FullName)];
        string[] found;
        do
        {
            found = [.. calls.Where(pair => !leaving.Contains(pair.Key) && pair.Value.Overlaps(leaving)).Select(pair => pair.Key)];
            leaving.UnionWith(found);
        }
        while (found.Length > 0);
        return new ScalarCalls(leaving);
    }

    /// <summary>Such calls of an assembly.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>Who calls what.</returns>
    public IReadOnlyList<(string Type, string Method, string Call)> In(string path)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(path);
        return [.. Methods(assembly).SelectMany(method => Calls(method)
            .Where(call => _leaving.Contains(call.FullName))
            .Select(call => (method.DeclaringType.Name, method.Name, call.FullName)))];
    }

    private static bool IsConversion(MethodDefinition method) =>
        method.ReturnType.FullName == "TorchSharp.Scalar" && (method.Name is "op_Implicit" or "ToScalar");

    private static IEnumerable<MethodDefinition> Methods(AssemblyDefinition assembly) =>
        assembly.MainModule.GetAllTypes().SelectMany(type => type.Methods);

    private static IEnumerable<MethodReference> Calls(MethodDefinition method) =>
        method.HasBody
            ? method
                .Body.Instructions.Select(instruction => instruction.Operand)
                .OfType<MethodReference>()
                .Select(call => call.GetElementMethod())
            : [];
}
