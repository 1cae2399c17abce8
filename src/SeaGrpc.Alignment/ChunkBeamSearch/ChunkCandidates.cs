namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>
/// One chunk: K candidates of every beam that goes on (W K of the prompt at first), sampled and ranked in batches of rows.
/// Beams that have ended stand among the candidates as they are. Owns the rows that its beams stand in.
/// </summary>
internal sealed class ChunkCandidates : IDisposable
{
    /// <summary>Rows sampled side by side, as best-of-N does.</summary>
    private const int BatchRows = 64;

    private readonly RunContext _context;
    private readonly ChunkBeamSearchParameters _parameters;
    private readonly double _prefixLogProbability;
    private readonly int _maxTokens;
    private readonly Beam?[] _parents;
    private readonly List<BeamRows> _parentRows;
    private readonly List<BeamRows> _rows = [];
    private readonly List<(ScoredResponse Response, int Candidate)> _whole = [];
    private List<Beam> _pool;
    private BeamRows? _batch;
    private Beam[] _ranked = [];
    private Rollouts? _rollouts;
    private int _sampled;

    private ChunkCandidates(
        RunContext context, ChunkBeamSearchParameters parameters, IReadOnlyList<Beam> beams, List<BeamRows> beamRows, int length,
        double prefixLogProbability)
    {
        _context = context;
        _parameters = parameters;
        _prefixLogProbability = prefixLogProbability;
        _parentRows = beamRows;
        _maxTokens = (int)Math.Min((long)length + parameters.ChunkTokens, context.Task.MaxResponseTokens);
        _parents = beams.Count == 0
            ? new Beam?[parameters.BeamWidth * parameters.SamplesPerBeam]
            : [.. beams.Where(beam => !beam.IsWhole).SelectMany(beam => Enumerable.Repeat(beam, parameters.SamplesPerBeam))];
        _pool = [.. beams.Where(beam => beam.IsWhole)];
    }

    /// <summary>Whether every candidate is ranked.</summary>
    public bool IsFinished => _sampled == _parents.Length;

    /// <summary>The first candidate, once its batch is scored.</summary>
    public ScoredResponse? First { get; private set; }

    /// <summary>The best W so far, the best first.</summary>
    public IReadOnlyList<Beam> Survivors => _pool;

    /// <summary>Every response of this chunk that ended, its rollouts included, and the candidate that it came from.</summary>
    public IReadOnlyList<(ScoredResponse Response, int Candidate)> Whole => _whole;

    /// <summary>The first chunk.</summary>
    public static ChunkCandidates Start(RunContext context, ChunkBeamSearchParameters parameters) =>
        new(context, parameters, [], [], context.Task.ResponsePrefix.Count, context.ReportedPrefixLogProbability());

    /// <summary>The chunk that goes on from this one's survivors; takes their rows over.</summary>
    public ChunkCandidates Next()
    {
        List<BeamRows> taken = [.. _rows];
        _rows.Clear();
        return new ChunkCandidates(_context, _parameters, _pool, taken, _maxTokens, _prefixLogProbability);
    }

    /// <summary>One piece of work: one token of every row of a batch, the batch's score, or one of its rollouts' pieces.</summary>
    public void Advance()
    {
        if (_rollouts is { IsFinished: false })
        {
            _rollouts.Advance();
        }
        else if (_rollouts is not null)
        {
            Rank(_rollouts);
        }
        else
        {
            _batch ??= OpenBatch();
            if (_batch.IsGrown)
            {
                Score();
            }
            else
            {
                _batch.Step();
            }
        }
    }

    public void Dispose()
    {
        _rollouts?.Dispose();
        _batch?.Dispose();
        _parentRows.ForEach(owned => owned.Dispose());
        _rows.ForEach(owned => owned.Dispose());
    }

    private BeamRows OpenBatch()
    {
        Beam?[] members = _parents[_sampled..Math.Min(_parents.Length, _sampled + BatchRows)];
        return members[0] is null
            ? BeamRows.Start(_context, _parameters.TopK, members.Length, _maxTokens, _prefixLogProbability)
            : BeamRows.Gather([.. members.Select(beam => (beam!.Rows!, beam.Row))], _maxTokens);
    }

    private void Score()
    {
        _ranked = [.. _batch!.Score(_parameters.PrefixScoring == BeamPrefixScoring.EosAppended).Select((response, row) =>
            new Beam(response, _batch.IsWhole(row), _batch.IsWhole(row) ? null : _batch, row, _sampled + row))];
        First ??= _ranked[0].Response;
        _whole.AddRange(_ranked.Where(beam => beam.IsWhole).Select(beam => (beam.Response, beam.Candidate)));
        Beam[] parts = [.. _ranked.Where(beam => !beam.IsWhole)];
        if (_parameters.PrefixScoring == BeamPrefixScoring.Rollout && parts.Length > 0)
        {
            _rollouts = new Rollouts(_context.Task, _parameters, parts, BatchRows);
        }
        else
        {
            Merge();
        }
    }

    private void Rank(Rollouts finished)
    {
        _whole.AddRange(finished.Completions);
        int part = 0;
        _ranked = [.. _ranked.Select(beam => beam.IsWhole ? beam : beam with { Response = Worth(beam.Response, finished.Worth(part++)) })];
        finished.Dispose();
        _rollouts = null;
        Merge();
    }

    private ScoredResponse Worth(ScoredResponse response, double worth) =>
        _context.Scored(response.Tokens, response.EndsWithEos, worth, response.LogProbability);

    /// <summary>Keeps the best W of the chunk so far, equal ones in the order in which they came, and the rows that they need.</summary>
    private void Merge()
    {
        _pool = [.. _pool.Concat(_ranked).OrderByDescending(beam => beam.Response.Reward).Take(_parameters.BeamWidth)];
        _sampled += _batch!.Rows;
        _rows.Add(_batch);
        _batch = null;
        foreach (BeamRows unused in _rows.Where(owned => _pool.All(beam => beam.Rows != owned)).ToArray())
        {
            unused.Dispose();
            _rows.Remove(unused);
        }

        if (IsFinished)
        {
            _parentRows.ForEach(owned => owned.Dispose());
            _parentRows.Clear();
        }
    }
}
