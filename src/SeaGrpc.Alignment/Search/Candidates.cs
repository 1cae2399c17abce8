namespace SeaGrpc.Alignment.Search;

/// <summary>Prefixes that a step has made of a continuation's beams, scored. Owns what they have been read in.</summary>
/// <param name="continuation">Whose they are.</param>
/// <param name="responses">What each is worth.</param>
internal abstract class Candidates(Continuation continuation, ScoredResponse[] responses) : IDisposable
{
    public Continuation Continuation { get; } = continuation;

    /// <summary>The responses so far, with the rewards and energies that their prefixes are scored by.</summary>
    public ScoredResponse[] Responses { get; } = responses;

    public int Count => Responses.Length;

    /// <summary>Those that have not ended, completed by the policy, where that scores them; else null.</summary>
    public Rollouts? Rollouts { get; set; }

    /// <summary>Whether one ended by EOS or by the token limit.</summary>
    public abstract bool IsWhole(int index);

    /// <summary>The policy's logit of a candidate's only new token; 0 where there are several.</summary>
    public virtual float Logit(int index) => 0;

    /// <summary>Rows that go on from some of them.</summary>
    public abstract PrefixRows Copy(IReadOnlyList<int> chosen);

    /// <summary>The same, once nothing more is asked of these.</summary>
    public virtual PrefixRows Take(IReadOnlyList<int> chosen) => Copy(chosen);

    public virtual void Dispose() => Rollouts?.Dispose();
}
