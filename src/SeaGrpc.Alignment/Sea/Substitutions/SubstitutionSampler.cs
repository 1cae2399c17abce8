using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>
/// A sampler of ours on SEA's energy that stays on hard tokens. The policy determines what is plausible, the reward's gradient proposes,
/// and exact energies decide.
/// </summary>
/// <remarks>
/// One iteration, for every chain:
/// 1. The most promising substitutions that this response has not tried yet (<see cref="SubstitutionRanking"/>). Their number doubles
///    whenever none of them was better.
/// 2. Their exact energies, in few batches that share the tokens before a change.
/// 3. Unions of the substitutions that lower the energy on their own, scored in the same way: several corrections in one iteration.
/// 4. The next response: the lowest energy, or a draw from exp(-U/T), among those that the fluency floor admits.
/// 5. The ranking of the new responses. A chain that has not moved keeps its ranking and continues further down.
/// A related method is the gradient-informed proposals of Grathwohl et al., "Oops I took a gradient" (2021).
/// </remarks>
internal sealed class SubstitutionSampler : ISeaSampler
{
    /// <summary>Number of times that the number of proposals doubles while a chain does not move.</summary>
    private const int MaxDoublings = 3;

    private readonly RunContext _context;
    private readonly SeaParameters _parameters;
    private readonly MoveScorer _scorer;
    private readonly ChainStates _states;
    private readonly bool _ownsStates;
    private readonly Tensor _legal;
    private readonly int _pinnedPrefix;
    private readonly Chain[] _chains;

    /// <summary>Takes ownership of the drafts.</summary>
    public SubstitutionSampler(RunContext context, SeaParameters parameters, HardResponses drafts)
        : this(
            context, parameters, () => new ChainStates(context, drafts), ownsStates: true, states => states.Score(parameters.RewardWeight))
    {
    }

    /// <summary>Continues from a response that has been read and scored.</summary>
    /// <param name="context">The run.</param>
    /// <param name="parameters">The parameters of the sampler.</param>
    /// <param name="states">The response as read. It still belongs to the caller, and follows the sampler's moves.</param>
    /// <param name="response">The response.</param>
    public SubstitutionSampler(RunContext context, SeaParameters parameters, ChainStates states, ScoredResponse response)
        : this(context, parameters, () => states, ownsStates: false, _ => [response])
    {
    }

    private SubstitutionSampler(
        RunContext context, SeaParameters parameters, Func<ChainStates> states, bool ownsStates,
        Func<ChainStates, ScoredResponse[]> responses)
    {
        _context = context;
        _parameters = parameters;
        _ownsStates = ownsStates;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _scorer = new MoveScorer(context, parameters);
        _pinnedPrefix = context.Task.ResponsePrefixOpen ? 0 : context.Task.ResponsePrefix.Count;
        _states = states();
        _legal = ChainLogits.Allowed(context, parameters).clone().DetachFromDisposeScope();
        try
        {
            ScoredResponse[] scored = responses(_states);
            IReadOnlyList<RankedSubstitutions> rankings = Rank([.. Enumerable.Range(0, scored.Length)]);
            _chains = [.. scored.Select((response, index) => new Chain(response, rankings[index]))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether a response that a chain has left may be the answer. If moves take the lowest energy, no lower energy is left behind, but a
    /// higher reward may be.
    /// </summary>
    private bool LeavesBetter => _parameters.FlipTemperature > 0 || _parameters.Selection == SeaSelection.Reward;

    /// <summary>Whether any chain has a substitution that it has not tried.</summary>
    public bool HasUntried => _chains.Any(chain => chain.HasUntried);

    public IReadOnlyList<SampledChain> Start() => Snapshots([]);

    public IReadOnlyList<SampledChain> Iterate()
    {
        // 1. and 2.
        double[] energies = [.. _chains.Select(chain => chain.Response.Energy)];
        Move[] singles =
        [
            .. _chains.SelectMany(
                (chain, index) => chain.Next(_parameters.Proposals).Select(substitution => new Move(index, [substitution]))
            ),
        ];
        using KeptMove? kept = _chains.Length == 1 && _context.Prompt.Loaded.Recent is not null
            ? new KeptMove(_chains[0].Response.Energy, response => _context.Floor.Admits(response, _chains[0].Response))
            : null;
        IReadOnlyList<ScoredMove> scored = _scorer.Score(_states, energies, singles, kept);
        // 3.
        if (_parameters.CombineFlips)
        {
            Move[] unions = [.. _chains.SelectMany((chain, index) => Unions(chain, scored.Where(move => move.Move.Chain == index)))];
            scored = [.. scored, .. _scorer.Score(_states, energies, unions, kept)];
        }

        // 4. and 5.
        Accept(
            [.. scored.GroupBy(move => move.Move.Chain).Select(moves => Choose(_chains[moves.Key], moves)).OfType<ScoredMove>()], kept);
        return Snapshots(LeavesBetter ? scored : []);
    }

    public Tensor? Guide() => null;

    public void Dispose()
    {
        if (_ownsStates)
        {
            _states.Dispose();
        }

        _legal.Dispose();
    }

    private IEnumerable<Move> Unions(Chain chain, IEnumerable<ScoredMove> singles)
    {
        ScoredMove[] better = [.. singles
            .Where(move => IsBetter(move.Response, chain.Response) && _context.Floor.Admits(move.Response, chain.Response))
            .OrderBy(move => Level(move.Response))
            .DistinctBy(move => move.Move.Start)];
        for (int count = 2; count < 2 * better.Length; count *= 2)
        {
            yield return new Move(better[0].Move.Chain, [.. better.Take(count).Select(move => move.Move.Substitutions[0])]);
        }
    }

    /// <summary>The chain's next response, or null if it stays.</summary>
    private ScoredMove? Choose(Chain chain, IEnumerable<ScoredMove> scored)
    {
        ScoredMove[] moves = [.. scored.Where(move => _context.Floor.Admits(move.Response, chain.Response))];
        if (moves.Length == 0)
        {
            return null;
        }

        if (_parameters.FlipTemperature == 0)
        {
            ScoredMove lowest = moves.MinBy(move => Level(move.Response))!;
            return IsBetter(lowest.Response, chain.Response) ? lowest : null;
        }

        double best = Math.Min(Level(chain.Response), moves.Min(move => Level(move.Response)));
        double[] weights = [.. moves.Select(move => Weight(move.Response)), Weight(chain.Response)];
        double threshold = weights.Sum() * Uniform();
        int index = 0;
        while (index < moves.Length && (threshold -= weights[index]) > 0)
        {
            index++;
        }

        return index < moves.Length ? moves[index] : null;

        double Weight(ScoredResponse response) => Math.Exp((best - Level(response)) / _parameters.FlipTemperature);
    }

    private bool IsBetter(ScoredResponse response, ScoredResponse present) =>
        Level(response) < Level(present) - _parameters.PlateauTolerance;

    /// <summary>The value that chains minimise, in nats: the energy, or without a reference only its reward term.</summary>
    private double Level(ScoredResponse response) =>
        _parameters.Reference == SeaReference.None ? Energy.Of(0, response.Reward, _parameters.RewardWeight) : response.Energy;

    private double Uniform()
    {
        using Tensor drawn = rand([1], ScalarType.Float64, _context.Generator.device, generator: _context.Generator);
        return drawn.item<double>();
    }

    private void Accept(IReadOnlyList<ScoredMove> accepted, KeptMove? kept)
    {
        if (accepted.Count == 0)
        {
            return;
        }

        int positions = _states.Rows.Positions;
        long[] tokens = [.. _states.Rows.Tokens];
        foreach (ScoredMove move in accepted)
        {
            foreach (Substitution substitution in move.Move.Substitutions)
            {
                tokens[move.Move.Chain * positions + substitution.Position] = substitution.Token;
            }
        }

        var rows = new HardResponses(tokens, _chains.Length, _context.Models.IsEos);
        if (kept?.Take(accepted[0].Response) is { } read)
        {
            using LoadedPolicyRows policy = read.Policy;
            using RewardRows rewards = read.Rewards;
            _states.Replace(rows, read);
        }
        else
        {
            _states.Replace(rows, accepted.Min(move => Math.Min(move.Move.Start, _states.Rows.ContentLengths[move.Move.Chain])));
        }

        int[] moved = [.. accepted.Select(move => move.Move.Chain)];
        IReadOnlyList<RankedSubstitutions> rankings = Rank(moved);
        for (int index = 0; index < moved.Length; index++)
        {
            _chains[moved[index]] = new Chain(accepted[index].Response, rankings[index]);
        }
    }

    private IReadOnlyList<RankedSubstitutions> Rank(IReadOnlyList<int> moved) => SubstitutionRanking.Of(
        _context,
        _parameters,
        _states,
        moved,
        (chain, position) => position >= _pinnedPrefix
            && position < (
                _parameters.Length == SeaLength.Free
                    ? ChainLogits.MovablePositions(_context, _states.Rows)
                    : _states.Rows.ContentLengths[chain]),
        _legal);

    private SampledChain[] Snapshots(IReadOnlyList<ScoredMove> scored) =>
        [
            .. _chains.Select(
                (chain, index) =>
                    new SampledChain(new ScoredRow(chain.Response, chain.Ranking.KlPerToken), chain.Ranking.GradientNorm)
                    {
                        Left = [.. scored.Where(move => move.Move.Chain == index).Select(move => move.Response)],
                    }
            ),
        ];

    /// <summary>One chain: its response, its ranking, and its position in the ranking.</summary>
    private sealed class Chain(ScoredResponse response, RankedSubstitutions ranking)
    {
        private int _tried;
        private int _tries;

        public ScoredResponse Response { get; } = response;

        public RankedSubstitutions Ranking { get; } = ranking;

        public bool HasUntried => _tried < Ranking.Substitutions.Count;

        public IEnumerable<Substitution> Next(int count)
        {
            Substitution[] next = [.. Ranking.Substitutions.Skip(_tried).Take(count << Math.Min(_tries, MaxDoublings))];
            _tries++;
            _tried += next.Length;
            return next;
        }
    }
}
