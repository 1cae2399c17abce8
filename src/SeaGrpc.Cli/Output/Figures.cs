using System.Globalization;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>How numbers and names are written.</summary>
internal static class Figures
{
    /// <summary>Two decimals.</summary>
    public static string Of(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Reward, energy and log-probability in one line.</summary>
    public static string Line(ScoredResponse response) => response.Unscored
        ? "not scored: time was up"
        : $"reward {Of(response.Reward)}  energy {Of(response.Energy)}  log-probability {Of(response.LogProbability)}";

    /// <summary>
    /// Tokens of the longer response that are not in the longest common sequence of both: a word that moves what follows it
    /// counts once.
    /// </summary>
    public static int ChangedTokens(ScoredResponse draft, ScoredResponse answer)
    {
        int[] before = [.. draft.TokenIds];
        int[] after = [.. answer.TokenIds];
        return Math.Max(before.Length, after.Length) - Alignment.CommonSubsequence.Of<int>(before, after).Count;
    }

    /// <summary>Why a run ended.</summary>
    public static string Of(StopReason reason) => reason switch
    {
        StopReason.Iterations => "all iterations done",
        StopReason.Converged => "the energy stopped improving",
        StopReason.TimeLimit => "time limit",
        StopReason.Cancelled => "cancelled: the best answer so far",
        StopReason.Draining => "the server is shutting down: the best answer so far",
        StopReason.RewardFailed => "a reward that runs elsewhere failed: the best answer from before",
        StopReason.PolicyFailed => "the policy's engine failed: the best answer from before",
        StopReason.SufficientReward => "its reward is good enough",
        StopReason.DraftNotUnderstood => "the policy does not understand the draft, which is returned",
        _ => reason.ToString(),
    };

    /// <summary>What runs, with the parameters in effect that matter most.</summary>
    public static string Method(AlignmentSpec spec) => spec.MethodCase switch
    {
        AlignmentSpec.MethodOneofCase.Sea =>
            $"sea, {Count(spec.Sea.Chains, "chain")}, {Count(spec.Sea.Iterations, "iteration")}, "
                + $"reward weight {spec.Sea.RewardWeight:0.##}",
        AlignmentSpec.MethodOneofCase.BestOfN => $"best of {spec.BestOfN.SampleCount}",
        AlignmentSpec.MethodOneofCase.Args =>
            $"args, {Count(spec.Args.Candidates, "candidate")}, guidance weight {spec.Args.GuidanceWeight:0.##}",
        AlignmentSpec.MethodOneofCase.EnergySearch =>
            $"energy search, {Count(spec.EnergySearch.BeamWidth, "beam")}, {Count(spec.EnergySearch.Candidates, "candidate")} each, "
            + $"at most {Count(spec.EnergySearch.Iterations, "iteration")}",
        AlignmentSpec.MethodOneofCase.ChunkBeamSearch =>
            $"chunk beam search, {Count(spec.ChunkBeamSearch.BeamWidth, "beam")}, {spec.ChunkBeamSearch.SamplesPerBeam} successors each, "
            + $"chunks of {Count(spec.ChunkBeamSearch.ChunkTokens, "token")}",
        AlignmentSpec.MethodOneofCase.Base => "base: one sample of the policy",
        _ => spec.MethodCase.ToString(),
    } + $", seed {spec.Seed}";

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
