using System.Text.Json;

namespace SeaGrpc.Alignment.Parameters;

/// <summary>Names of the code as the contract spells them.</summary>
public static class ContractNames
{
    /// <summary><c>StepSize</c> as <c>step_size</c>: a field, or a value on the command line.</summary>
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>A value of an enum as the contract names it: <c>SeaSampler.Langevin</c> as <c>SEA_SAMPLER_LANGEVIN</c>.</summary>
    /// <param name="type">Name of the enum.</param>
    /// <param name="value">Name of the value.</param>
    public static string EnumValue(string type, string value) =>
        $"{JsonNamingPolicy.SnakeCaseUpper.ConvertName(type)}_{JsonNamingPolicy.SnakeCaseUpper.ConvertName(value)}";
}
