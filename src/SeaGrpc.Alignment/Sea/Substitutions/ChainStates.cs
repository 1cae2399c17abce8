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
    private readonly KeyValueCache _policy;
    private readonly IRewardChains[] _rewards;

    /// <summary>Reads the chains' first responses.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">The responses.</param>
    /// <param name="room">Maximum number of positions of responses that replace them; 0 if they stay equally long.</param>
    public ChainStates(RunContext context, HardResponses rows, int room = 0)
    {
        _context = context;
        int most = Math.Max(room, rows.Positions);
        Rows = rows;
        _policy = context.Prompt.Loaded.Branch(rows.Rows, most);
        Hidden = NewHidden(rows.Positions);
        LogProbabilities = new float[rows.Rows * rows.Positions];
        List<IRewardChains> followed = [];
        try
        {
            foreach ((IRewardState state, _) in context.Prompt.Rewards)
            {
                followed.Add(state.Follow(rows, most));
            }

            _rewards = [.. followed];
            ReadPolicy(0);
        }
        catch
        {
            _policy.Dispose();
            followed.ForEach(part => part.Dispose());
            Hidden.Dispose();
            throw;
        }
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

    /// <summary>The rewards of moved responses, summed by their mixture weights.</summary>
    /// <param name="rows">The moved responses.</param>
    /// <param name="chains">The chain that each is a move of.</param>
    /// <param name="start">First position at which a row may differ from its chain.</param>
    public float[] Rewards(HardResponses rows, IReadOnlyList<int> chains, int start) =>
        _context.Prompt.Sum(rows.Rows, _rewards, part => part.Moved(rows, chains, start));

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

    public void Dispose()
    {
        _policy.Dispose();
        Array.ForEach(_rewards, part => part.Dispose());
        Hidden.Dispose();
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

    private void ReadPolicy(int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        AlignmentModels models = _context.Models;
        int inputs = Rows.Positions - 1 - start;
        Tensor ids = ResponseScorer.Ids(Rows.Tokens, Rows.Rows, models.Policy.Decoder);
        _policy.Truncate(_context.Prompt.Loaded.Cache.Length + start);
        if (start == 0)
        {
            Hidden.narrow(1, 0, 1).copy_(_context.Prompt.Loaded.Last.expand(Rows.Rows, -1, -1));
        }

        if (inputs > 0)
        {
            _context.Cost.PolicyForward((long)Rows.Rows * inputs);
            Hidden.narrow(1, start + 1, inputs)
                .copy_(models.Policy.Decoder.Read([new IdPass(ids.narrow(1, start, inputs), _policy, inputs)])[0]);
        }

        float[] own = _context.Prompt.Loaded.LogProbabilities(Hidden.narrow(1, start, inputs + 1), ids.narrow(1, start, inputs + 1));
        for (int row = 0; row < Rows.Rows; row++)
        {
            own.AsSpan(row * (inputs + 1), inputs + 1).CopyTo(LogProbabilities.AsSpan(row * Rows.Positions + start));
        }
    }
}
