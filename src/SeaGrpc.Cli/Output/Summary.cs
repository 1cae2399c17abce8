using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>The end of an alignment in one line.</summary>
internal static class Summary
{
    /// <summary>Changed tokens, stop reason, iterations and seconds.</summary>
    public static string Of(AlignmentFinal final)
    {
        var changed = Figures.ChangedTokens(final.Draft, final.Response);
        var seconds = final.RunDuration?.ToTimeSpan().TotalSeconds ?? 0;
        var replayed = final.Replayed ? "; answered before, told again" : "";
        var cut = final.Response.HasStopString ? "; the answer ends before a stop string" : "";
        return $"{Count(changed, "token")} changed; {Count(final.IterationsRun, "iteration")} in {Figures.Of(seconds)} s, "
            + $"the answer from iteration {final.Iteration}; stopped: {Figures.Of(final.StopReason)}{cut}{replayed}.";
    }

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
