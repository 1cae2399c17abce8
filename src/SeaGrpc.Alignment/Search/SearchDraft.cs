namespace SeaGrpc.Alignment.Search;

/// <summary>
/// The response that a left-to-right search is compared with: the caller's draft, or a sample of the policy. Without either it is the
/// response that ends right after the prefix, which is the answer only if there is no other. Owns the row it was read in.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="sampleDraft">Whether to sample a draft if the caller has none.</param>
/// <param name="reportsEnergy">
/// Whether energies are only reported, so that log pi_ref of a given draft is not charged to the method.
/// </param>
internal sealed class SearchDraft(RunContext context, bool sampleDraft, bool reportsEnergy) : IDisposable
{
    private PrefixRows? _rows;
    private ScoredResponse? _draft;

    /// <summary>Whether the draft can be the answer.</summary>
    public bool Competes => context.Task.Draft is not null || sampleDraft;

    /// <summary>Does one unit of work: samples what the policy draws in a turn (one token, if it is loaded), or scores.</summary>
    /// <returns>The draft, or null if it is not complete.</returns>
    public ScoredResponse? Advance()
    {
        if (context.Task.Draft is not null || !sampleDraft)
        {
            (int[] tokens, bool ended) = context.Task.Draft is null ? ([.. context.Task.ResponsePrefix], true) : context.Draft();
            using IDisposable? uncounted = Competes ? null : context.Cost.Pause();
            (_rows, _draft) = PrefixRows.Read(context, tokens, ended, reportsEnergy);
            return _draft;
        }

        using var scope = TorchSharp.torch.NewDisposeScope();
        using var noGrad = TorchSharp.torch.no_grad();
        _rows ??= PrefixRows.Start(context, context.Task.ResponsePrefix);
        if (!_rows.IsWhole(0))
        {
            _rows.Draw(topK: 0);
            return null;
        }

        return _draft = _rows.Score()[0];
    }

    /// <summary>
    /// Hands over the row that the draft was read in, without its EOS; null if a stop string has left other tokens of it.
    /// </summary>
    public PrefixRows? TakeRows()
    {
        using PrefixRows read = _rows ?? throw new InvalidOperationException("The draft has not been read.");
        _rows = null;
        return read.Beginning(0, _draft!.Tokens);
    }

    public void Dispose() => _rows?.Dispose();
}
