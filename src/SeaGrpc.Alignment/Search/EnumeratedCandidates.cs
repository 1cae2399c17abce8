using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Alignment.Search;

/// <summary>The most likely next tokens of a continuation's beams, each read by the rewards in its own row.</summary>
internal sealed class EnumeratedCandidates : Candidates
{
    private readonly NextToken[] _next;
    private readonly int _limit;
    private readonly RewardRows _rewards;

    private EnumeratedCandidates(Continuation continuation, ScoredResponse[] responses, NextToken[] next, RewardRows rewards, int limit)
        : base(continuation, responses)
    {
        _next = next;
        _rewards = rewards;
        _limit = limit;
    }

    private PrefixRows Beams => Continuation.Beams!;

    /// <summary>Reads the most likely next tokens of every beam of several continuations together.</summary>
    /// <param name="context">The run.</param>
    /// <param name="shape">How many tokens per beam, and how they are scored.</param>
    /// <param name="continuations">The continuations, and the next tokens of their beams.</param>
    public static EnumeratedCandidates[] Read(
        RunContext context, SearchShape shape, IReadOnlyList<(Continuation Continuation, BeamOutlook Next)> continuations)
    {
        int limit = context.Task.MaxResponseTokens;
        NextToken[][] next = [.. continuations.Select(one => one.Next.Likeliest(shape.Candidates, withEnds: !shape.HasFreeEnds))];
        List<RewardRows> rows = [];
        try
        {
            rows.AddRange(continuations.Select((one, index) =>
                one.Continuation.Beams!.FanRewards([.. next[index].Select(token => token.Beam)], room: 1)));
            float[][] rewards = RewardRows.Read(context, [.. continuations.Select((one, index) => (
                rows[index],
                (IReadOnlyList<int[]>)[.. next[index].Select(token => token.IsEnd ? Array.Empty<int>() : [(int)token.Id])],
                (IReadOnlyList<bool>)[.. next[index].Select(token => shape.Scoring == BeamPrefixScoring.EosAppended || token.IsEnd
                    || one.Continuation.Beams!.Length + 1 >= limit)],
                1))]);
            return [.. continuations.Select((one, index) => new EnumeratedCandidates(
                one.Continuation,
                [
                    .. context.Stopped(
                        [.. next[index].Select((token, at) => one.Continuation.Beams!.Extended(token, rewards[index][at]))],
                        at => one.Continuation.Beams!.LogProbabilities(next[index][at])),
                ],
                next[index],
                rows[index],
                limit))];
        }
        catch
        {
            rows.ForEach(own => own.Dispose());
            throw;
        }
    }

    public override float Logit(int index) => _next[index].Logit;

    public override PrefixRows Copy(IReadOnlyList<int> chosen) => Extended(chosen, keepsBeams: true);

    /// <remarks>
    /// If every beam continues exactly once, the policy's rows are handed over: next tokens are appended in place and nothing is copied.
    /// </remarks>
    public override PrefixRows Take(IReadOnlyList<int> chosen) => Extended(chosen, keepsBeams: false);

    public override void Dispose()
    {
        base.Dispose();
        _rewards.Dispose();
    }

    protected override bool HasEnded(int index) => _next[index].IsEnd || Beams.Length + 1 >= _limit;

    private PrefixRows Extended(IReadOnlyList<int> chosen, bool keepsBeams) => Beams.Extend(
        [.. chosen.Select(index => _next[index])], RewardRows.Gather([.. chosen.Select(index => (_rewards, index))], _limit), keepsBeams);
}
