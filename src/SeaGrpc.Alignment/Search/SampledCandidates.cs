namespace SeaGrpc.Alignment.Search;

/// <summary>Chunks that were sampled side by side.</summary>
/// <param name="continuation">The continuation they belong to.</param>
/// <param name="responses">Their responses with scores.</param>
/// <param name="chunk">Their rows; taken over.</param>
internal sealed class SampledCandidates(Continuation continuation, ScoredResponse[] responses, PrefixRows chunk)
    : Candidates(continuation, responses)
{
    public override PrefixRows Copy(IReadOnlyList<int> chosen) => PrefixRows.Gather([.. chosen.Select(row => (chunk, row))]);

    public override void Dispose()
    {
        base.Dispose();
        chunk.Dispose();
    }

    protected override bool HasEnded(int index) => chunk.IsWhole(index);
}
