using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>The comment of a parameter's field in method.proto: what it does, its unit, its range, and every preset's default.</summary>
internal static class ParameterComment
{
    /// <summary>The comment as one line.</summary>
    public static string Of(MethodSchema method, Parameter parameter)
    {
        int end = parameter.Description.IndexOf(". ", StringComparison.Ordinal);
        (string first, string rest) = end < 0
            ? (parameter.Description.TrimEnd('.'), string.Empty)
            : (parameter.Description[..end], parameter.Description[(end + 1)..]);
        string unit = parameter.Unit.Length > 0 ? $", in {parameter.Unit}" : string.Empty;
        string range = parameter.Range is { } values ? $"; {values}" : string.Empty;
        string limit = parameter.Limit == RequestLimit.None
            ? string.Empty
            : $", at most the server's {ContractNames.Snake(parameter.Limit.ToString())}";
        return $"{first}{unit}{range}{limit}.{rest} Default: {Defaults(method, parameter)}.";
    }

    /// <summary>The default, and in parentheses those of other presets that differ: <c>1 (langevin and paper: 4)</c>.</summary>
    private static string Defaults(MethodSchema method, Parameter parameter)
    {
        string Text(Preset preset) => ParameterText.Of(parameter.Get(preset.Parameters));
        string usual = Text(method.Presets[0]);
        IEnumerable<string> others = method.Presets.Where(preset => Text(preset) != usual).GroupBy(Text)
            .Select(group => $"{string.Join(" and ", group.Select(preset => preset.Name))}: {group.Key}");
        return others.Any() ? $"{usual} ({string.Join(", ", others)})" : usual;
    }
}
