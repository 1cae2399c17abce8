using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>The end of an alignment in one line.</summary>
internal static class Summary
{
    /// <summary>Changed tokens, stop reason, iterations and seconds, and why a caller's draft stays.</summary>
    /// <param name="final">The end.</param>
    /// <param name="spec">The spec in effect; null if it is not known.</param>
    public static string Of(AlignmentFinal final, AlignmentSpec? spec)
    {
        var changed = Figures.ChangedTokens(final.Draft, final.Response);
        var seconds = final.RunDuration?.ToTimeSpan().TotalSeconds ?? 0;
        var replayed = final.Replayed ? "; answered before, told again" : "";
        var kept = spec is { MinRewardGain: > 0 } && changed == 0 && final.StopReason != StopReason.SufficientReward
            ? $"; the draft stays: none was found whose reward is higher by {Needed(spec)}"
            : "";
        var cut = final.Response.HasStopString ? "; the answer ends before a stop string" : "";
        return $"{Count(changed, "token")} changed; {Count(final.IterationsRun, "iteration")} in {Figures.Of(seconds)} s, "
            + $"the answer from iteration {final.Iteration}; stopped: {Figures.Of(final.StopReason)}{kept}{cut}{replayed}.";
    }

    private static string Needed(AlignmentSpec spec) => spec.HasBeatenDraftGain && spec.BeatenDraftGain < spec.MinRewardGain
        ? $"{Figures.Of(spec.MinRewardGain)} (--min-reward-gain), or by {Figures.Of(spec.BeatenDraftGain)} where a known response beats it "
            + "(--beaten-draft-gain)"
        : $"{Figures.Of(spec.MinRewardGain)} (--min-reward-gain)";

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
