using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Alignment;

/// <summary>Which methods can use which rewards.</summary>
public static class RewardFit
{
    /// <summary>
    /// Why a method cannot use a reward, and what to do instead, as what is said of the method ("needs ..."); null if it can.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="name">The reward's name.</param>
    /// <param name="hasGradient">Whether the reward tells how an answer's tokens change it.</param>
    /// <param name="hasExactGradient">Whether it tells so at the policy's own tokens.</param>
    public static string? Refusal(MethodParameters method, string name, bool hasGradient, bool hasExactGradient)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (method.NeedsRewardGradient && !hasGradient)
        {
            string instead = method is SeaParameters
                ? "set sampler to SEA_SAMPLER_GRADIENT_FLIPS and proposal_order to SEA_PROPOSAL_ORDER_POLICY"
                : "set cut to another value than ENERGY_SEARCH_CUT_GRADIENT";
            return $"needs the gradient of every reward, and {name} has none; {instead}, or use another method or reward";
        }

        return method.NeedsExactRewardGradient && !hasExactGradient
            ? $"with SEA_SAMPLER_LANGEVIN needs the gradient of every reward at the policy's own tokens, and {name} has another "
                + "vocabulary, so it only estimates that; set sampler to SEA_SAMPLER_GRADIENT_FLIPS, or use another method or a reward "
                + "model with the policy's vocabulary"
            : null;
    }
}
