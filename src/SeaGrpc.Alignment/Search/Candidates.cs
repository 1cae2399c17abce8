namespace SeaGrpc.Alignment.Search;

/// <summary>Scored prefixes that a step has made from the beams of a continuation. Owns the rows they were read in.</summary>
/// <param name="continuation">The continuation they belong to.</param>
/// <param name="responses">Their responses with scores.</param>
internal abstract class Candidates(Continuation continuation, ScoredResponse[] responses) : IDisposable
{
    public Continuation Continuation { get; } = continuation;

    /// <summary>The responses so far, with the rewards and energies that score their prefixes.</summary>
    public ScoredResponse[] Responses { get; } = responses;

    public int Count => Responses.Length;

    /// <summary>Completions of the candidates that have not ended, if completions score them; otherwise null.</summary>
    public Rollouts? Rollouts { get; set; }

    /// <summary>Whether a candidate ended by EOS, before a stop string, or by the token limit.</summary>
    public bool IsWhole(int index) => Responses[index].StopString is not null || HasEnded(index);

    /// <summary>The policy's logit of a candidate's new token; 0 if it has several.</summary>
    public virtual float Logit(int index) => 0;

    /// <summary>Rows that continue from some of the candidates.</summary>
    public abstract PrefixRows Copy(IReadOnlyList<int> chosen);

    /// <summary>The same, when these candidates are not needed afterwards.</summary>
    public virtual PrefixRows Take(IReadOnlyList<int> chosen) => Copy(chosen);

    public virtual void Dispose() => Rollouts?.Dispose();

    /// <summary>Whether a candidate ended by EOS or by the token limit.</summary>
    protected abstract bool HasEnded(int index);
}
