using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Search;

/// <summary>The likeliest next tokens of a continuation's beams, each in a row of the rewards. Owns these rows.</summary>
internal sealed class Candidates : IDisposable
{
    /// <summary>
    /// Likeliest tokens that are looked at beyond those wanted, since ends are no candidates: what ends here is known without reading.
    /// </summary>
    private const int Spare = 2;

    private Candidates(Continuation continuation, int[] beams, long[] tokens, float[] logProbabilities, RewardRows rewards)
    {
        Continuation = continuation;
        Beams = beams;
        Tokens = tokens;
        LogProbabilities = logProbabilities;
        Rewards = rewards;
    }

    /// <summary>Whose they are.</summary>
    public Continuation Continuation { get; }

    public int Count => Tokens.Length;

    /// <summary>The beam that each goes on from.</summary>
    public int[] Beams { get; }

    public long[] Tokens { get; }

    /// <summary>log pi_ref of each token, in nats.</summary>
    public float[] LogProbabilities { get; }

    public RewardRows Rewards { get; }

    /// <summary>The likeliest of every beam.</summary>
    /// <param name="context">The run.</param>
    /// <param name="continuation">Its beams.</param>
    /// <param name="logProbabilities">log pi_ref of every token after each beam [beams, vocabulary].</param>
    /// <param name="count">How many of each beam.</param>
    public static Candidates Choose(RunContext context, Continuation continuation, Tensor logProbabilities, int count)
    {
        int looked = (int)Math.Min(logProbabilities.shape[1], (long)count + Spare);
        (Tensor values, Tensor indices) = logProbabilities.Plus(context.Models.LegalTokens).topk(looked, -1);
        float[] likeliest = values.cpu().data<float>().ToArray();
        long[] ids = indices.cpu().data<long>().ToArray();
        int[] taken =
        [
            .. Enumerable.Range(0, ids.Length)
                .Where(index => !context.Models.IsEos(ids[index]) && float.IsFinite(likeliest[index]))
                .GroupBy(index => index / looked)
                .SelectMany(beam => beam.Take(count)),
        ];
        int[] beams = [.. taken.Select(index => index / looked)];
        PrefixRows rows = continuation.Beams!;
        return new Candidates(
            continuation,
            beams,
            [.. taken.Select(index => ids[index])],
            [.. taken.Select(index => likeliest[index])],
            RewardRows.Gather([.. beams.Select(beam => (rows.Rewards, beam))], context.Task.MaxResponseTokens));
    }

    /// <summary>What the rewards read of them.</summary>
    public (RewardRows Rows, IReadOnlyList<int[]> Tokens, IReadOnlyList<bool> Suffixed, int Advance) Reading() =>
        (Rewards, [.. Tokens.Select(token => new[] { (int)token })], [.. Enumerable.Repeat(true, Count)], 1);

    public void Dispose() => Rewards.Dispose();
}
