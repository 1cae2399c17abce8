namespace SeaGrpc.Alignment.Search;

/// <summary>
/// What a left-to-right search is compared with: the caller's draft, or a sample of the policy, or, where that is not
/// wanted, the response that ends right after the prefix, which answers only where there is nothing else. Owns what it has been read in.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="sampleDraft">Whether a draft is sampled where the caller has none.</param>
/// <param name="reportsEnergy">Whether energies are only reported, so that log pi_ref of a given draft costs the method nothing.</param>
internal sealed class SearchDraft(RunContext context, bool sampleDraft, bool reportsEnergy) : IDisposable
{
    private PrefixRows? _rows;

    /// <summary>Whether it can be the answer.</summary>
    public bool Competes => context.Task.Draft is not null || sampleDraft;

    /// <summary>One piece of work: one token of the sample, or the score.</summary>
    /// <returns>The draft, or null while it is not there yet.</returns>
    public ScoredResponse? Advance()
    {
        if (context.Task.Draft is not null || !sampleDraft)
        {
            (int[] tokens, bool ended) = context.Task.Draft is null ? ([.. context.Task.ResponsePrefix], true) : context.Draft();
            using IDisposable? uncounted = Competes ? null : context.Cost.Pause();
            (_rows, ScoredResponse response) = PrefixRows.Read(context, tokens, ended, reportsEnergy);
            return response;
        }

        using var scope = TorchSharp.torch.NewDisposeScope();
        using var noGrad = TorchSharp.torch.no_grad();
        _rows ??= PrefixRows.Start(context, context.Task.ResponsePrefix);
        if (!_rows.IsWhole(0))
        {
            _rows.Draw(_rows.Policy.Logits(), topK: 0);
            return null;
        }

        return _rows.Score()[0];
    }

    /// <summary>Hands over the row in which the draft has been read, its EOS left out.</summary>
    public PrefixRows TakeRows()
    {
        using PrefixRows read = _rows ?? throw new InvalidOperationException("The draft has not been read.");
        _rows = null;
        return PrefixRows.Gather([(read, 0)], read.Policy.Content(0).Length);
    }

    public void Dispose() => _rows?.Dispose();
}
