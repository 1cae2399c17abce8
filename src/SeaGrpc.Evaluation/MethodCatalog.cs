using SeaGrpc.Alignment;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Evaluation;

/// <summary>The names by which evaluations call methods, and the parameters that each stands for.</summary>
public static class MethodCatalog
{
    /// <summary>What may be named, for help texts and messages.</summary>
    public const string Names = "base, best-of-N (best-of-64), sea, sea-paper";

    /// <summary>The parameters of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>, with changed parameters in brackets: <c>sea[chains=2,reward-weight=4]</c>.</param>
    /// <exception cref="ArgumentException">There is no such method or parameter; the message lists what there is.</exception>
    public static MethodParameters Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (ParameterOverrides.Split(name) is { } overridden)
        {
            return ParameterOverrides.Apply(Parse(overridden.Method), overridden.Assignments);
        }

        const string BestOf = "best-of-";
        if (name.StartsWith(BestOf, StringComparison.Ordinal) && int.TryParse(name.AsSpan(BestOf.Length), out int samples) && samples > 0)
        {
            return new BestOfNParameters { SampleCount = samples };
        }

        return name switch
        {
            "base" => new BaseParameters(),
            "sea" => SeaParameters.Default,
            "sea-paper" => SeaParameters.Paper,
            _ => throw new ArgumentException($"The method {name} is not known: use {Names}."),
        };
    }
}
