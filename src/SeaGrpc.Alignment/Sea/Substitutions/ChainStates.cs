using System.Diagnostics.CodeAnalysis;
using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>
/// The chains' responses as both models have read them. A response that differs only from some position on need not read the tokens before
/// it again. Owns its tensors.
/// </summary>
internal sealed class ChainStates : IDisposable
{
    private readonly RunContext _context;
    private readonly int _room;
    private KeyValueCache _policy;
    private IRewardChains[] _rewards;

    /// <summary>Reads the chains' first responses.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">The responses.</param>
    /// <param name="room">Maximum number of positions of responses that replace them; 0 if they stay equally long.</param>
    /// <param name="read">
    /// A single row that the only response was read in, or its first tokens; or null. Its numbers are copied, and the rest is read.
    /// </param>
    public ChainStates(RunContext context, HardResponses rows, int room = 0, (LoadedPolicyRows Policy, RewardRows Rewards)? read = null)
    {
        _context = context;
        _room = Math.Max(room, rows.Positions);
        Read(rows, read, context.Prompt.Loaded.Last.expand(rows.Rows, -1, -1), []);
    }

    /// <summary>The chains' responses.</summary>
    public HardResponses Rows { get; private set; }

    /// <summary>The policy's hidden states that predict each position: [chains, positions, hidden].</summary>
    public Tensor Hidden { get; private set; }

    /// <summary>log pi_ref of each position's token in nats: [chains, positions], row by row.</summary>
    public float[] LogProbabilities { get; private set; }

    /// <summary>
    /// The policy's cache of some chains' prompt and first positions, one row for each of <paramref name="chains"/>, with spare capacity.
    /// </summary>
    public KeyValueCache PolicyPrefix(IReadOnlyList<int> chains, int positions, int room)
    {
        int length = _context.Prompt.Loaded.Cache.Length + positions;
        return KeyValueCache.Gather(_context.Models.Policy.Decoder, [.. chains.Select(chain => (_policy, chain))], length + room, length);
    }

    /// <summary>The rewards of moved responses, summed by their mixture weights. All are read together.</summary>
    /// <param name="groups">The moved responses.</param>
    /// <param name="keeps">Whether what is read of them is wanted.</param>
    /// <returns>
    /// The rewards of all rows, group by group, and each group as the rewards have read it, which the caller disposes; none if this is not
    /// wanted.
    /// </returns>
    public (float[] Rewards, RewardRows[] Read) Rewards(IReadOnlyList<MovedRows> groups, bool keeps = false)
    {
        var read = new IRewardRows[]?[_rewards.Length];
        float[] rewards = _context.Prompt.Sum(
            groups.Sum(group => group.Rows.Rows),
            [.. Enumerable.Range(0, read.Length)],
            index =>
            {
                (float[] own, read[index]) = _rewards[index].Moved(groups, keeps);
                return own;
            });
        return (
            rewards,
            keeps
                ? [.. groups.Select((group, index) => RewardRows.Of(_context, [.. read.Select(own => own![index])], group.Rows.Rows))]
                : []);
    }

    /// <summary>The chains' responses with their scores: the rewards read only what their templates write after an answer.</summary>
    /// <param name="rewardWeight">Alpha.</param>
    public ScoredResponse[] Score(double rewardWeight)
    {
        int[] chains = [.. Enumerable.Range(0, Rows.Rows)];
        float[] rewards = Rewards([new MovedRows(Rows, chains, Rows.ContentLengths.Min())]).Rewards;
        return
        [
            .. chains.Select(chain =>
            {
                float[] own = [.. LogProbabilities.Skip(chain * Rows.Positions).Take(Rows.TargetLengths[chain])];
                return ResponseScorer.Combine(
                    Rows, chain, own.Sum(each => (double)each), Fluency.Of(own), rewards[chain], rewardWeight);
            }),
        ];
    }

    /// <summary>The only chain's response as growing rows of both models, which are copies.</summary>
    public (LoadedPolicyRows Policy, RewardRows Rewards) Row()
    {
        int length = Rows.TargetLengths[0];
        int read = Math.Min(Rows.ContentLengths[0], Rows.Positions - 1);
        return (
            new LoadedPolicyRows(_context, (_policy, 0), read, Rows.Tokens[..length], LogProbabilities[..length]),
            RewardRows.Of(_context, _rewards, Rows.Content(0), _context.Task.MaxResponseTokens));
    }

    /// <summary>Some chains' responses, as separate rows.</summary>
    public HardResponses Of(IReadOnlyList<int> chains) => new(
        [.. chains.SelectMany(chain => Rows.Tokens.AsSpan(chain * Rows.Positions, Rows.Positions).ToArray())], chains.Count,
        _context.Models.IsEos);

    /// <summary>Hidden states of some chains: [chains, positions, hidden].</summary>
    public Tensor HiddenOf(IReadOnlyList<int> chains) =>
        Hidden.index_select(0, tensor(chains.Select(chain => (long)chain).ToArray(), device: Hidden.device));

    /// <summary>Replaces the responses by others.</summary>
    /// <param name="rows">The responses; as many as before.</param>
    /// <param name="start">First position at which any of them differs.</param>
    public void Replace(HardResponses rows, int start)
    {
        if (rows.Positions != Rows.Positions)
        {
            Resize(rows.Positions, start);
        }

        Rows = rows;
        ReadPolicy(start);
        Array.ForEach(_rewards, part => part.Replace(rows, start));
    }

    /// <summary>Replaces the only response by one that has been read.</summary>
    /// <param name="rows">The response.</param>
    /// <param name="read">The single row that it was read in. Its numbers are copied.</param>
    public void Replace(HardResponses rows, (LoadedPolicyRows Policy, RewardRows Rewards) read)
    {
        int common = Rows.Tokens.AsSpan(0, Rows.Positions - 1).CommonPrefixLength(rows.Tokens.AsSpan(0, rows.Positions - 1));
        if (read.Policy.Held(rows.Tokens.AsSpan(0, rows.Positions - 1), common) <= common)
        {
            Replace(rows, common);
            return;
        }

        using var scope = NewDisposeScope();
        Tensor before = Hidden.narrow(1, 0, common + 1).clone();
        float[] logProbabilities = LogProbabilities[..common];
        Dispose();
        Read(rows, read, before, logProbabilities);
    }

    public void Dispose()
    {
        _policy.Dispose();
        Array.ForEach(_rewards, part => part.Dispose());
        Hidden.Dispose();
    }

    // The states that predict the first positions are known [chains, known + 1, hidden], and the log-probabilities of all their tokens but
    // the last.
    [MemberNotNull(nameof(Rows), nameof(Hidden), nameof(LogProbabilities), nameof(_policy), nameof(_rewards))]
    private void Read(
        HardResponses rows, (LoadedPolicyRows Policy, RewardRows Rewards)? read, Tensor known, float[] logProbabilities)
    {
        Rows = rows;
        int held = read?.Policy.Held(rows.Tokens.AsSpan(0, rows.Positions - 1), logProbabilities.Length) ?? 0;
        _policy = held == 0 ? _context.Prompt.Loaded.Branch(rows.Rows, _room) : read!.Value.Policy.Copy(held, _room);
        Hidden = NewHidden(rows.Positions);
        LogProbabilities = new float[rows.Rows * rows.Positions];
        List<IRewardChains> followed = [];
        try
        {
            foreach ((int index, (IRewardState state, _)) in _context.Prompt.Rewards.Index())
            {
                followed.Add(state.Follow(rows, _room, read?.Rewards.Parts[index]));
            }

            _rewards = [.. followed];
            Hidden.narrow(1, 0, known.shape[1]).copy_(known);
            logProbabilities.CopyTo(LogProbabilities, 0);
            Recall(logProbabilities.Length, held);
            ReadPolicy(held);
        }
        catch
        {
            _policy.Dispose();
            followed.ForEach(part => part.Dispose());
            Hidden.Dispose();
            throw;
        }
    }

    private Tensor NewHidden(int positions)
    {
        TransformerDecoder decoder = _context.Models.Policy.Decoder;
        return zeros([Rows.Rows, positions, decoder.Config.HiddenSize], decoder.Dtype, decoder.Device).DetachFromDisposeScope();
    }

    // Changes the number of positions. Those before the start stay, with the state that predicts it.
    private void Resize(int positions, int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor resized = NewHidden(positions);
        resized.narrow(1, 0, start + 1).copy_(Hidden.narrow(1, 0, start + 1));
        Hidden.Dispose();
        Hidden = resized;
        LogProbabilities =
            [.. LogProbabilities.Chunk(Rows.Positions).SelectMany(row => row.Take(start).Concat(new float[positions - start]))];
    }

    // The states at some tokens of the only response, which are kept, and the log-probabilities of these tokens.
    private void Recall(int start, int end)
    {
        if (end <= start)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        RecentStates recent = _context.Prompt.Loaded.Recent!;
        List<ReadToken> tokens = [];
        for (ReadToken token = recent.Root; tokens.Count < end;)
        {
            tokens.Add(token = token.Then(Rows.Tokens[tokens.Count]));
        }

        Hidden.narrow(1, start + 1, end - start).copy_(recent.Of(tokens.Skip(start)).unsqueeze(0));
        Tensor ids = ResponseScorer.Ids(Rows.Tokens, 1, _context.Models.Policy.Decoder).narrow(1, start, end - start);
        _context.Prompt.Loaded.LogProbabilities(Hidden.narrow(1, start, end - start), ids).CopyTo(LogProbabilities, start);
    }

    // Keeps the states at the tokens of each row from a position on: [chains, tokens, hidden].
    private void Keep(int start, Tensor states)
    {
        if (_context.Prompt.Loaded.Recent is not { } recent)
        {
            return;
        }

        List<ReadToken> tokens = [];
        for (int row = 0; row < Rows.Rows; row++)
        {
            ReadToken token = recent.Root;
            for (int position = 0; position < start + states.shape[1]; position++)
            {
                token = token.Then(Rows.Tokens[(row * Rows.Positions) + position]);
                if (position >= start)
                {
                    tokens.Add(token);
                }
            }
        }

        recent.Keep(tokens, states.flatten(0, 1));
    }

    private void ReadPolicy(int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        AlignmentModels models = _context.Models;
        int inputs = Rows.Positions - 1 - start;
        Tensor ids = ResponseScorer.Ids(Rows.Tokens, Rows.Rows, models.Policy.Decoder);
        _policy.Truncate(_context.Prompt.Loaded.Cache.Length + start);
        if (inputs > 0)
        {
            _context.Cost.PolicyForward((long)Rows.Rows * inputs);
            Tensor states = models.Policy.Decoder.Read([new IdPass(ids.narrow(1, start, inputs), _policy, inputs)])[0];
            Hidden.narrow(1, start + 1, inputs).copy_(states);
            Keep(start, states);
        }

        float[] own = _context.Prompt.Loaded.LogProbabilities(Hidden.narrow(1, start, inputs + 1), ids.narrow(1, start, inputs + 1));
        for (int row = 0; row < Rows.Rows; row++)
        {
            own.AsSpan(row * (inputs + 1), inputs + 1).CopyTo(LogProbabilities.AsSpan(row * Rows.Positions + start));
        }
    }
}
