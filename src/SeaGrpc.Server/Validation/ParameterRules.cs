using SeaGrpc.Alignment;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Validation;

/// <summary>The bounds of a parameter in one request, and its value if the request does not set it.</summary>
/// <param name="Range">Its range, if it is a number.</param>
/// <param name="Absent">Its value if it is not set.</param>
/// <param name="Note">Where the range comes from, if that is not obvious.</param>
internal sealed record ParameterBounds(ParameterRange? Range, object? Absent, string Note = "");

/// <summary>The bounds of parameters: their own ranges, the server's limits, and rules between parameters.</summary>
internal sealed class ParameterRules(LimitOptions limits)
{
    /// <summary>The bounds of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="soFar">The parameters, with the fields before this one already read and the others from the preset.</param>
    /// <param name="hasDraft">Whether the request has a draft.</param>
    public ParameterBounds Of(Parameter parameter, MethodParameters soFar, bool hasDraft)
    {
        var own = new ParameterBounds(limits.Within(parameter), parameter.Get(soFar));
        return soFar switch
        {
            DraftedParameters drafted when hasDraft && parameter.Property == nameof(drafted.MaxFluencyLoss) =>
                own with { Absent = DraftedParameters.LossFromCallersDraft },
            SeaParameters { DraftSamples: 0 } sea when hasDraft && parameter.Property == nameof(sea.DraftSamples) =>
                own with { Absent = sea.Chains - 1 },
            ChunkBeamSearchParameters search => Rows(parameter, search, own),
            EnergySearchParameters search => Rows(parameter, search, own),
            _ => own,
        };
    }

    /// <summary>Bounds of a number of parallel rows, which is limited by the number of samples.</summary>
    private ParameterBounds Rows(Parameter parameter, ChunkBeamSearchParameters search, ParameterBounds own)
    {
        int samples = limits.MaxSamples / search.BeamWidth;
        return parameter.Property switch
        {
            nameof(search.BeamWidth) => Most(limits.MaxSamples, search.BeamWidth, ""),
            nameof(search.SamplesPerBeam) =>
                Most(samples, search.SamplesPerBeam, $" (beam_width times samples_per_beam is at most {limits.MaxSamples})"),
            nameof(search.Rollouts) => Most(
                search.PrefixScoring == BeamPrefixScoring.Rollout ? samples / search.SamplesPerBeam : limits.MaxSamples,
                search.Rollouts,
                $" (beam_width times samples_per_beam times rollouts is at most {limits.MaxSamples})"),
            _ => own,
        };

        ParameterBounds Most(int most, int absent, string note) => AtMost(own, most, absent, note);
    }

    private ParameterBounds Rows(Parameter parameter, EnergySearchParameters search, ParameterBounds own)
    {
        return parameter.Property switch
        {
            nameof(search.Candidates) => Of(search.BeamWidth, search.Candidates, "beam_width times candidates"),
            nameof(search.SamplesPerBeam) => Of(search.BeamWidth, search.SamplesPerBeam, "beam_width times samples_per_beam"),
            nameof(search.RewriteBeamWidth) => Of(search.Rewrites, search.RewriteBeamWidth, "rewrites times rewrite_beam_width"),
            nameof(search.RewriteCandidates) => Of(
                search.Rewrites * search.RewriteBeamWidth, search.RewriteCandidates,
                "rewrites times rewrite_beam_width times rewrite_candidates"),
            nameof(search.RolloutSamples) when search.PrefixScoring == BeamPrefixScoring.Rollout => Of(
                Math.Max(
                    search.BeamWidth * Math.Max(search.Candidates, search.SamplesPerBeam),
                    search.Rewrites * search.RewriteBeamWidth * Math.Max(search.RewriteCandidates, search.SamplesPerBeam)),
                search.RolloutSamples,
                "prefixes of a step times rollout_samples"),
            _ => own,
        };

        ParameterBounds Of(int others, int absent, string product) =>
            AtMost(own, Math.Max(1, limits.MaxSamples / others), absent, $" ({product} is at most {limits.MaxSamples})");
    }

    private static ParameterBounds AtMost(ParameterBounds own, int most, int absent, string note) =>
        new(own.Range!.Value.UpTo(most), Math.Min(absent, most), note);
}
