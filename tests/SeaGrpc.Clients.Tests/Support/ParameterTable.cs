using System.Text;
using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>The part of docs/contract.md that lists every method's parameters, with their ranges, units and defaults.</summary>
internal static class ParameterTable
{
    /// <summary>The section.</summary>
    public static string Write()
    {
        var page = new StringBuilder("""
            ## Parameters of the methods

            The same as in the messages' comments, side by side; GetServerInfo tells it to programs, with the server's limits put in. `align`, `eval` and the other
            commands take them as `--method sea[preset=paper,chains=2]`. docs/adding-a-parameter.md says how to add one.


            """);
        foreach (MethodSchema method in MethodSchema.All)
        {
            string[] presets = [.. method.Presets.Select(preset => preset.Name)];
            page.Append($"### {method.Name}\n\n| parameter | takes | range | unit | {string.Join(" | ", presets)} |\n");
            page.Append($"|---|---|---|---|{string.Concat(presets.Select(_ => "---|"))}\n");
            foreach (Parameter parameter in method.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
            {
                IEnumerable<string> defaults = method.Presets.Select(preset => ParameterText.Of(parameter.Get(preset.Parameters)));
                page.Append(
                    $"| `{parameter.Name}` | {Takes(parameter)} | {Range(parameter)} | {parameter.Unit} | "
                        + $"{string.Join(" | ", defaults)} |\n"
                );
            }

            page.Append('\n');
        }

        return page.ToString();
    }

    private static string Takes(Parameter parameter) =>
        parameter.Type == ParameterType.Enum
            ? $"[{parameter.ValueType.Name}](#{parameter.ValueType.Name.ToLowerInvariant()})"
            : parameter.Type.ToString().ToLowerInvariant();

    private static string Range(Parameter parameter) =>
        parameter.Limit == RequestLimit.None
            ? $"{parameter.Range}"
            : $"{parameter.Range}, at most `{ContractNames.Snake(parameter.Limit.ToString())}`";
}
