namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>
/// One chunk: K candidates of every beam that goes on (W K of the prompt at first), sampled and ranked in batches of rows.
/// Beams that have ended stand among the candidates as they are. Owns the rows that its beams stand in.
/// </summary>
internal sealed class ChunkCandidates : IDisposable
{
    /// <summary>Rows sampled side by side, as best-of-N does.</summary>
    private const int BatchRows = 64;

    private readonly RunContext context;
    private readonly ChunkBeamSearchParameters parameters;
    private readonly double prefixLogProbability;
    private readonly int maxTokens;
    private readonly Beam?[] parents;
    private readonly List<BeamRows> parentRows;
    private readonly List<BeamRows> rows = [];
    private readonly List<(ScoredResponse Response, int Candidate)> whole = [];
    private List<Beam> pool;
    private BeamRows? batch;
    private Beam[] ranked = [];
    private Rollouts? rollouts;
    private int sampled;

    private ChunkCandidates(
        RunContext context, ChunkBeamSearchParameters parameters, IReadOnlyList<Beam> beams, List<BeamRows> beamRows, int length, double prefixLogProbability)
    {
        this.context = context;
        this.parameters = parameters;
        this.prefixLogProbability = prefixLogProbability;
        parentRows = beamRows;
        maxTokens = (int)Math.Min((long)length + parameters.ChunkTokens, context.Task.MaxResponseTokens);
        parents = beams.Count == 0
            ? new Beam?[parameters.BeamWidth * parameters.SamplesPerBeam]
            : [.. beams.Where(beam => !beam.IsWhole).SelectMany(beam => Enumerable.Repeat(beam, parameters.SamplesPerBeam))];
        pool = [.. beams.Where(beam => beam.IsWhole)];
    }

    /// <summary>Whether every candidate is ranked.</summary>
    public bool IsFinished => sampled == parents.Length;

    /// <summary>The first candidate, once its batch is scored.</summary>
    public ScoredResponse? First { get; private set; }

    /// <summary>The best W so far, the best first.</summary>
    public IReadOnlyList<Beam> Survivors => pool;

    /// <summary>Every response of this chunk that ended, its rollouts included, and the candidate that it came from.</summary>
    public IReadOnlyList<(ScoredResponse Response, int Candidate)> Whole => whole;

    /// <summary>The first chunk.</summary>
    public static ChunkCandidates Start(RunContext context, ChunkBeamSearchParameters parameters) =>
        new(context, parameters, [], [], context.Task.ResponsePrefix.Count, context.ReportedPrefixLogProbability());

    /// <summary>The chunk that goes on from this one's survivors; takes their rows over.</summary>
    public ChunkCandidates Next()
    {
        List<BeamRows> taken = [.. rows];
        rows.Clear();
        return new ChunkCandidates(context, parameters, pool, taken, maxTokens, prefixLogProbability);
    }

    /// <summary>One piece of work: one token of every row of a batch, the batch's score, or one of its rollouts' pieces.</summary>
    public void Advance()
    {
        if (rollouts is { IsFinished: false })
        {
            rollouts.Advance();
        }
        else if (rollouts is not null)
        {
            Rank(rollouts);
        }
        else
        {
            batch ??= OpenBatch();
            if (batch.IsGrown)
            {
                Score();
            }
            else
            {
                batch.Step();
            }
        }
    }

    public void Dispose()
    {
        rollouts?.Dispose();
        batch?.Dispose();
        parentRows.ForEach(owned => owned.Dispose());
        rows.ForEach(owned => owned.Dispose());
    }

    private BeamRows OpenBatch()
    {
        Beam?[] members = parents[sampled..Math.Min(parents.Length, sampled + BatchRows)];
        return members[0] is null
            ? BeamRows.Start(context, parameters.TopK, members.Length, maxTokens, prefixLogProbability)
            : BeamRows.Gather([.. members.Select(beam => (beam!.Rows!, beam.Row))], maxTokens);
    }

    private void Score()
    {
        ranked = [.. batch!.Score(parameters.PrefixScoring == BeamPrefixScoring.EosAppended).Select((response, row) =>
            new Beam(response, batch.IsWhole(row), batch.IsWhole(row) ? null : batch, row, sampled + row))];
        First ??= ranked[0].Response;
        whole.AddRange(ranked.Where(beam => beam.IsWhole).Select(beam => (beam.Response, beam.Candidate)));
        Beam[] parts = [.. ranked.Where(beam => !beam.IsWhole)];
        if (parameters.PrefixScoring == BeamPrefixScoring.Rollout && parts.Length > 0)
        {
            rollouts = new Rollouts(context.Task, parameters, parts, BatchRows);
        }
        else
        {
            Merge();
        }
    }

    private void Rank(Rollouts finished)
    {
        whole.AddRange(finished.Completions);
        int part = 0;
        ranked = [.. ranked.Select(beam => beam.IsWhole ? beam : beam with { Response = Worth(beam.Response, finished.Worth(part++)) })];
        finished.Dispose();
        rollouts = null;
        Merge();
    }

    private ScoredResponse Worth(ScoredResponse response, double worth) =>
        context.Scored(response.Tokens, response.EndsWithEos, worth, response.LogProbability);

    /// <summary>Keeps the best W of the chunk so far, equal ones in the order in which they came, and the rows that they need.</summary>
    private void Merge()
    {
        pool = [.. pool.Concat(ranked).OrderByDescending(beam => beam.Response.Reward).Take(parameters.BeamWidth)];
        sampled += batch!.Rows;
        rows.Add(batch);
        batch = null;
        foreach (BeamRows unused in rows.Where(owned => pool.All(beam => beam.Rows != owned)).ToArray())
        {
            unused.Dispose();
            rows.Remove(unused);
        }

        if (IsFinished)
        {
            parentRows.ForEach(owned => owned.Dispose());
            parentRows.Clear();
        }
    }
}
