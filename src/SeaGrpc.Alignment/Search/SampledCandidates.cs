namespace SeaGrpc.Alignment.Search;

/// <summary>Chunks that have been sampled side by side.</summary>
/// <param name="continuation">Whose they are.</param>
/// <param name="responses">What each is worth.</param>
/// <param name="chunk">Where they stand; taken over.</param>
internal sealed class SampledCandidates(Continuation continuation, ScoredResponse[] responses, PrefixRows chunk)
    : Candidates(continuation, responses)
{
    public override bool IsWhole(int index) => chunk.IsWhole(index);

    public override PrefixRows Copy(IReadOnlyList<int> chosen) => PrefixRows.Gather([.. chosen.Select(row => (chunk, row))]);

    public override void Dispose()
    {
        base.Dispose();
        chunk.Dispose();
    }
}
