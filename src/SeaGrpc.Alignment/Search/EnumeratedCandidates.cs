using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Alignment.Search;

/// <summary>
/// The most likely next tokens of a continuation's beams, each scored by the rewards in its own row. What the run has scored before is not
/// read again, unless the search continues from it.
/// </summary>
internal sealed class EnumeratedCandidates : Candidates
{
    private readonly NextToken[] _next;
    private readonly int _limit;
    private readonly RewardRows? _read;
    private readonly Dictionary<int, int> _readRows;
    private RewardRows? _followed;
    private Dictionary<int, int> _followedRows = [];

    private EnumeratedCandidates(
        Continuation continuation, ScoredResponse[] responses, NextToken[] next, RewardRows? read, IReadOnlyList<int> unknown, int limit)
        : base(continuation, responses)
    {
        _next = next;
        _read = read;
        _readRows = Places(unknown);
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
        Group[] groups = [.. continuations.Select(one => new Group(context, shape, one.Continuation.Beams!, one.Next))];
        try
        {
            Group[] unread = [.. groups.Where(group => group.Rows is not null)];
            float[][] rewards = unread.Length == 0 ? [] : RewardRows.Read(context, [.. unread.Select(group => (
                group.Rows!,
                (IReadOnlyList<int[]>)[.. group.Unknown.Select(at => group.Tokens(at))],
                (IReadOnlyList<bool>)[.. group.Unknown.Select(at => group.Suffixed[at])],
                1))]);
            foreach ((Group group, float[] own) in unread.Zip(rewards))
            {
                foreach ((int at, float reward) in group.Unknown.Zip(own))
                {
                    context.KnownRewards.Note(group.Names[at], reward);
                }
            }

            return [.. continuations.Zip(groups, (one, group) => new EnumeratedCandidates(
                one.Continuation,
                [
                    .. context.Stopped(
                        [.. group.Next.Select((token, at) =>
                            one.Continuation.Beams!.Extended(token, context.KnownRewards.Of(group.Names[at])!.Value))],
                        at => one.Continuation.Beams!.LogProbabilities(group.Next[at])),
                ],
                group.Next,
                group.Rows,
                group.Unknown,
                limit))];
        }
        catch
        {
            Array.ForEach(groups, group => group.Rows?.Dispose());
            throw;
        }
    }

    /// <summary>Reads the tokens of candidates that the search continues from, where their rewards were known before.</summary>
    /// <param name="chosen">Some of the candidates of several continuations.</param>
    public static void Follow(IReadOnlyList<(EnumeratedCandidates Candidates, IReadOnlyList<int> Chosen)> chosen)
    {
        (EnumeratedCandidates Candidates, int[] Unread)[] unread =
        [
            .. chosen.Where(one => !one.Chosen.All(one.Candidates.HasRow))
                .Select(one => (one.Candidates, one.Chosen.Where(index => !one.Candidates._readRows.ContainsKey(index)).ToArray())),
        ];
        foreach ((EnumeratedCandidates candidates, int[] indices) in unread)
        {
            candidates._followed?.Dispose();
            candidates._followed = candidates.Beams.FanRewards([.. indices.Select(index => candidates._next[index].Beam)], room: 1);
            candidates._followedRows = Places(indices);
        }

        if (unread.Length > 0)
        {
            RewardRows.Follow([.. unread.Select(one => (
                one.Candidates._followed!,
                (IReadOnlyList<int[]>)[.. one.Unread.Select(index => new[] { (int)one.Candidates._next[index].Id })]))]);
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
        _read?.Dispose();
        _followed?.Dispose();
    }

    protected override bool HasEnded(int index) => _next[index].IsEnd || Beams.Length + 1 >= _limit;

    private static Dictionary<int, int> Places(IReadOnlyList<int> indices) =>
        indices.Index().ToDictionary(one => one.Item, one => one.Index);

    private bool HasRow(int index) => _readRows.ContainsKey(index) || _followedRows.ContainsKey(index);

    private PrefixRows Extended(IReadOnlyList<int> chosen, bool keepsBeams)
    {
        Follow([(this, chosen)]);
        return Beams.Extend(
            [.. chosen.Select(index => _next[index])],
            RewardRows.Gather(
                [.. chosen.Select(index => _readRows.TryGetValue(index, out int row) ? (_read!, row) : (_followed!, _followedRows[index]))],
                _limit),
            keepsBeams);
    }

    /// <summary>The candidates of one continuation. Its rows have a place for each that is not known.</summary>
    private sealed class Group
    {
        public Group(RunContext context, SearchShape shape, PrefixRows beams, BeamOutlook outlook)
        {
            int limit = context.Task.MaxResponseTokens;
            Next = outlook.Likeliest(shape.Candidates, withEnds: !shape.HasFreeEnds);
            Suffixed = [.. Next.Select(token =>
                shape.Scoring == BeamPrefixScoring.EosAppended || token.IsEnd || beams.Length + 1 >= limit)];
            int[][] contents = [.. Enumerable.Range(0, beams.Rows).Select(beams.Policy.Content)];
            Names = [.. Next.Select((token, at) => KnownRewards.Name([.. contents[token.Beam], .. Tokens(at)], Suffixed[at]))];
            Unknown = [.. Enumerable.Range(0, Next.Length).Where(at => context.KnownRewards.Of(Names[at]) is null)];
            Rows = Unknown.Length == 0 ? null : beams.FanRewards([.. Unknown.Select(at => Next[at].Beam)], room: 1);
        }

        public NextToken[] Next { get; }

        public bool[] Suffixed { get; }

        public string[] Names { get; }

        public int[] Unknown { get; }

        public RewardRows? Rows { get; }

        public int[] Tokens(int at) => Next[at].IsEnd ? [] : [(int)Next[at].Id];
    }
}
