using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Alignment;

/// <summary>Which tasks a policy that runs elsewhere is enough for.</summary>
public static class PolicyFit
{
    /// <summary>
    /// Why a task needs more of its policy than an engine tells, and what to do instead, as what is said of the method ("needs ..."); null
    /// if it does not.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="abilities">What the engine can do.</param>
    public static string? Refusal(AlignmentTask task, PolicyAbilities abilities)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Refusal(
            task.Method,
            task.Draft is not null || task.Alternatives.Count > 0 || task.KnownResponses.Count > 0 || task.ResponsePrefix.Count > 0,
            abilities);
    }

    /// <summary>The same of a method.</summary>
    /// <param name="method">The method, with complete parameters.</param>
    /// <param name="givesTokens">Whether it is given a draft, other responses or a response prefix.</param>
    /// <param name="abilities">What the engine can do.</param>
    public static string? Refusal(MethodParameters method, bool givesTokens, PolicyAbilities abilities)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(abilities);
        return OfMethod(method) ?? (abilities.ReadsRows || !givesTokens ? null
            : "needs the log-probabilities of given tokens, which this engine does not tell; send no draft, no other responses and no "
                + "response prefix, or use vLLM or SGLang");
    }

    private static string? OfMethod(MethodParameters method) => method switch
    {
        { ReferenceTemperature: not 1 } =>
            "needs the policy's whole distribution to change its temperature, and an engine tells the likeliest tokens; set "
                + "reference_temperature to 1",
        SeaParameters { Sampler: SeaSampler.Langevin } =>
            "with SEA_SAMPLER_LANGEVIN needs the policy's gradient, which no engine tells; use energy_search",
        SeaParameters => "needs the policy's whole distribution at every position, which no engine tells; use energy_search",
        EnergySearchParameters { Acceptance: EnergySearchAcceptance.Metropolis } =>
            "with ENERGY_SEARCH_ACCEPTANCE_METROPOLIS needs the probability of all tokens that it may draw, which no engine tells; set "
                + "acceptance to another value",
        EnergySearchParameters { Cut: EnergySearchCut.Entropy or EnergySearchCut.Gradient } =>
            "with this cut needs the policy's whole distribution at every position, which no engine tells; set cut to "
                + "ENERGY_SEARCH_CUT_PLACE, ENERGY_SEARCH_CUT_SPREAD or ENERGY_SEARCH_CUT_RANDOM",
        _ => null,
    };
}
