using SeaGrpc.Alignment.EnergySearch.Cuts;
using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>
/// Cuts the current response at a random position and samples the rest from the reference policy: the proposal of suffix
/// Metropolis-Hastings (QAlign, arXiv 2504.03790).
/// </summary>
/// <remarks>
/// A response of n decisions is cut before any of them with equal probability. The decisions are its tokens and EOS, or only its tokens at
/// the length limit. At the same cut, the forward and reverse probabilities differ only in 1/n and in the probability of the allowed
/// tokens: suffixes are sampled among the tokens that a response may contain, while log pi_ref is over all tokens. So the ratio is
/// exp(alpha (r' - r)) n / n' times the probability of the allowed tokens along the new suffix, divided by that along the old one.
/// </remarks>
/// <param name="state">The search.</param>
internal sealed class SuffixSampleMove(SearchState state) : IMove
{
    private readonly RunContext _context = state.Context;
    private ScoredResponse? _from;
    private float[] _legalMass = [];
    private List<float> _newMass = [];
    private PrefixRows? _rows;
    private int _cut;
    private (ScoredResponse Response, float[] LegalMass)? _proposed;

    public bool CanBegin => true;

    public bool Advance(out Proposal? proposal)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        proposal = null;
        if (_rows is null)
        {
            Begin();
        }

        if (!_rows!.IsWhole(0))
        {
            Tensor logits = _rows.Policy.Loaded.Logits();
            _newMass.AddRange(PolicyFigures.LogLegalMass(_context, nn.functional.log_softmax(logits, -1)));
            _rows.Policy.Loaded.AppendDrawn(
                TokenSampling.Draw(logits.Plus(_context.Models.LegalTokens), 1, _context.Generator), logits);
            return false;
        }

        proposal = End();
        return true;
    }

    public void Dispose() => _rows?.Dispose();

    private void Begin()
    {
        if (!ReferenceEquals(_from, state.Current))
        {
            _from = state.Current;
            _legalMass = _proposed is { } made && ReferenceEquals(made.Response, _from)
                ? made.LegalMass
                : PolicyFigures.Of(_context, state.Reading).LegalMass;
        }

        _cut = state.Pinned + (int)(Decisions(state.Current) * state.Uniform());
        _rows = PrefixRows.Gather([(state.Rows, 0)], _cut);
        _newMass = [];
    }

    // A suffix with a stop string has probability 0 among the responses that have none, and is never accepted.
    private Proposal? End()
    {
        if (_context.Task.Stops?.Occurs(_rows!.Policy.Content(0)) == true)
        {
            _rows.Dispose();
            _rows = null;
            return null;
        }

        ScoredResponse drawn = _rows!.Score()[0];
        PrefixRows rows = PrefixRows.Gather([(_rows, 0)], drawn.Tokens.Count);
        _rows.Dispose();
        _rows = null;
        _proposed = (drawn, [.. _legalMass.Take(_cut), .. _newMass]);
        double ratio = (state.Parameters.RewardWeight * (drawn.Reward - state.Current.Reward))
            + Math.Log(Decisions(state.Current)) - Math.Log(Decisions(drawn))
            + _newMass.Sum(mass => (double)mass) - _legalMass.Skip(_cut).Sum(mass => (double)mass);
        return new Proposal(drawn, rows, ratio);
    }

    /// <summary>Number of positions at which a response may be cut.</summary>
    private int Decisions(ScoredResponse response) => response.Tokens.Count + (response.EndsWithEos ? 1 : 0) - state.Pinned;
}
