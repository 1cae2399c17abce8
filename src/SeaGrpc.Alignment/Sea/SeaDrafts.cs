using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// Where SEA's chains start: the caller's draft, which is scored before anything is sampled, and samples of the policy, its
/// rivals. Owns what is sampled until it is there.
/// </summary>
/// <param name="context">The run, its prompt prefilled.</param>
/// <param name="parameters">How many chains and samples.</param>
internal sealed class SeaDrafts(RunContext context, SeaParameters parameters) : IDisposable
{
    private ResponseSampler? _sampler;

    /// <summary>The caller's draft, once it is scored; null if there is none.</summary>
    public ScoredResponse? Given { get; private set; }

    /// <summary>Scored samples that start no chain; they still compete as answers.</summary>
    public IReadOnlyList<ScoredResponse> Others { get; private set; } = [];

    private bool HasGiven => context.Task.Draft is not null;

    /// <summary>Samples drawn: one for each chain at least; beside the caller's draft none where none is asked for.</summary>
    private int SampleCount => !HasGiven ? Math.Max(parameters.Chains, parameters.DraftSamples)
        : parameters.DraftSamples == 0 ? 0
        : Math.Max(parameters.Chains - 1, parameters.DraftSamples);

    /// <summary>One piece of work: the score of the caller's draft, one token of every sample, or the choice.</summary>
    /// <returns>Where each chain starts, or null while that is not known yet.</returns>
    public IReadOnlyList<(int[] Tokens, bool Ended)>? Advance()
    {
        if (HasGiven && Given is null)
        {
            Given = context.ScoreDraft();
            return null;
        }

        if (SampleCount == 0)
        {
            return [.. Enumerable.Repeat(context.Draft(), parameters.Chains)];
        }

        _sampler ??= new ResponseSampler(context, SampleCount);
        if (!_sampler.IsFinished)
        {
            _sampler.Step();
            return null;
        }

        IReadOnlyList<(int[] Tokens, bool Ended)> samples = _sampler.Responses();
        _sampler.Dispose();
        return Choose(samples);
    }

    public void Dispose() => _sampler?.Dispose();

    /// <summary>
    /// Those of the lowest energy. The caller's draft starts the first of several chains whatever its energy; for a single
    /// chain it competes.
    /// </summary>
    private IReadOnlyList<(int[] Tokens, bool Ended)> Choose(IReadOnlyList<(int[] Tokens, bool Ended)> samples)
    {
        IReadOnlyList<(int[] Tokens, bool Ended)> first = HasGiven && parameters.Chains > 1 ? [context.Draft()] : [];
        int places = parameters.Chains - first.Count;
        bool competes = HasGiven && first.Count == 0;
        if (samples.Count <= places && !competes)
        {
            return [.. first, .. samples];
        }

        IReadOnlyList<ScoredRow> scores = context.Score(samples);
        int[] order = [.. Enumerable.Range(0, samples.Count).OrderBy(index => scores[index].Response.Energy)];
        if (competes && Given!.Energy <= scores[order[0]].Response.Energy)
        {
            (first, places) = ([context.Draft()], 0);
        }

        Others = [.. order.Skip(places).Select(index => scores[index].Response)];
        return [.. first, .. order.Take(places).Select(index => samples[index])];
    }
}
