using SeaGrpc.Alignment.Decoding;

namespace SeaGrpc.Alignment.Search;

/// <summary>
/// What a left-to-right search is compared with: the caller's draft, or a sample of the policy, or, where that is not
/// wanted, the response that ends right after the prefix, which answers only where there is nothing else.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="sampleDraft">Whether a draft is sampled where the caller has none.</param>
internal sealed class SearchDraft(RunContext context, bool sampleDraft) : IDisposable
{
    private ResponseSampler? _sampler;

    /// <summary>Whether it can be the answer.</summary>
    public bool Competes => context.Task.Draft is not null || sampleDraft;

    /// <summary>One piece of work: one token of the sample, or the score.</summary>
    /// <returns>The draft, or null while it is not there yet.</returns>
    public ScoredResponse? Advance()
    {
        if (!Competes)
        {
            using IDisposable uncounted = context.Cost.Pause();
            return Score([.. context.Task.ResponsePrefix], ended: true);
        }

        if (context.Task.Draft is not null)
        {
            (int[] given, bool whole) = context.Draft();
            return Score(given, whole);
        }

        _sampler ??= new ResponseSampler(context, rows: 1);
        if (!_sampler.IsFinished)
        {
            _sampler.Step();
            return null;
        }

        (int[] tokens, bool ended) = _sampler.Responses()[0];
        return Score(tokens, ended);
    }

    public void Dispose() => _sampler?.Dispose();

    private ScoredResponse Score(int[] tokens, bool ended) => context.ScoreByReward([(tokens, ended)])[0];
}
