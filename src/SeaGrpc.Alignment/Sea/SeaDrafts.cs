using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// The responses that SEA's chains start from: the caller's draft, which is scored before anything is sampled, and samples from the policy,
/// which compete with it. Owns the sampler until the samples are complete.
/// </summary>
/// <param name="context">The run, with its prompt prefilled.</param>
/// <param name="parameters">The number of chains and samples.</param>
internal sealed class SeaDrafts(RunContext context, SeaParameters parameters) : IDisposable
{
    private ResponseSampler? _sampler;

    /// <summary>The caller's draft, after it has been scored; null if there is none.</summary>
    public ScoredResponse? Given { get; private set; }

    /// <summary>Scored samples that start no chain. They still compete as answers.</summary>
    public IReadOnlyList<ScoredResponse> Others { get; private set; } = [];

    private bool HasGiven => context.Task.Draft is not null;

    /// <summary>Number of samples: at least one per chain. With a draft from the caller there are none unless requested.</summary>
    private int SampleCount => !HasGiven ? Math.Max(parameters.Chains, parameters.DraftSamples)
        : parameters.DraftSamples == 0 ? 0
        : Math.Max(parameters.Chains - 1, parameters.DraftSamples);

    /// <summary>Does one unit of work: scores the caller's draft, samples one token of every sample, or chooses the starts.</summary>
    /// <returns>The start of each chain, or null while it is not known.</returns>
    public IReadOnlyList<(int[] Tokens, bool Ended)>? Advance()
    {
        if (HasGiven && Given is null)
        {
            Given = context.ScoreDraft();
            context.CompareWith(Given);
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
    /// The samples with the lowest energies, first of those that the fluency floor admits. The caller's draft always starts the first of
    /// several chains. For a single chain it competes.
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
        int[] order = [.. Enumerable.Range(0, samples.Count)
            .OrderBy(index => context.Floor.Admits(scores[index].Response) ? 0 : 1)
            .ThenBy(index => scores[index].Response.Energy)];
        ScoredResponse best = scores[order[0]].Response;
        if (competes && (Given!.Energy <= best.Energy || !context.Floor.Admits(best)))
        {
            (first, places) = ([context.Draft()], 0);
        }

        Others = [.. order.Skip(places).Select(index => scores[index].Response)];
        return [.. first, .. order.Take(places).Select(index => samples[index])];
    }
}
