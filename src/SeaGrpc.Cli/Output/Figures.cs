using System.Globalization;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>How numbers and names are written.</summary>
internal static class Figures
{
    /// <summary>Two decimals.</summary>
    public static string Of(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Reward, energy and log-probability in one line.</summary>
    public static string Line(ScoredResponse response) =>
        $"reward {Of(response.Reward)}  energy {Of(response.Energy)}  log-probability {Of(response.LogProbability)}";

    /// <summary>Positions whose token differs, plus the difference of the lengths: as the contract counts changed tokens.</summary>
    public static int ChangedTokens(ScoredResponse draft, ScoredResponse answer)
    {
        var common = Math.Min(draft.TokenIds.Count, answer.TokenIds.Count);
        return Math.Abs(draft.TokenIds.Count - answer.TokenIds.Count)
            + Enumerable.Range(0, common).Count(at => draft.TokenIds[at] != answer.TokenIds[at]);
    }

    /// <summary>Why a run ended.</summary>
    public static string Of(StopReason reason) => reason switch
    {
        StopReason.Iterations => "all iterations done",
        StopReason.Converged => "the energy stopped improving",
        StopReason.TimeLimit => "time limit",
        StopReason.Cancelled => "cancelled: the best answer so far",
        StopReason.Draining => "the server shuts down: the best answer so far",
        _ => reason.ToString(),
    };

    /// <summary>What runs, with the parameters in effect that matter most.</summary>
    public static string Method(AlignmentSpec spec) => spec.MethodCase switch
    {
        AlignmentSpec.MethodOneofCase.Sea =>
            $"sea, {Count(spec.Sea.Chains, "chain")}, {Count(spec.Sea.Iterations, "iteration")}, reward weight {spec.Sea.RewardWeight:0.##}",
        AlignmentSpec.MethodOneofCase.BestOfN => $"best of {spec.BestOfN.SampleCount}",
        AlignmentSpec.MethodOneofCase.Args =>
            $"args, {Count(spec.Args.Candidates, "candidate")}, guidance weight {spec.Args.GuidanceWeight:0.##}",
        AlignmentSpec.MethodOneofCase.ChunkBeamSearch =>
            $"chunk beam search, {Count(spec.ChunkBeamSearch.BeamWidth, "beam")}, {spec.ChunkBeamSearch.SamplesPerBeam} successors each, "
            + $"chunks of {Count(spec.ChunkBeamSearch.ChunkTokens, "token")}",
        AlignmentSpec.MethodOneofCase.Base => "base: one sample of the policy",
        _ => spec.MethodCase.ToString(),
    } + $", seed {spec.Seed}";

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
