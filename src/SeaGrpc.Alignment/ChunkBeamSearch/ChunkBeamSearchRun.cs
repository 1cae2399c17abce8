using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>
/// Chunk-level beam search ("Weak-to-Strong Search", NeurIPS 2024, arXiv 2405.19262) by a reward model, as a state machine.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for both models.
/// 2. The draft: the caller's, or a sample of the policy, or, where a chunk is a whole response, the first candidate.
/// 3. Sample W K candidates' next chunk, rank them (<see cref="ChunkCandidates"/>), and keep the best W.
/// 4. Go on until every beam has ended by EOS or by the token limit; the highest reward answers.
/// W = 1, K = N and a chunk as long as a response is best-of-N, with the same random numbers.
/// Deviations from the public code: a prefix is scored as if it ended there unless asked otherwise; a beam that has ended
/// competes once, where the original copies it K times, so that one such beam can push all others out; an ended response
/// that was pushed out may still answer; tokens that a response must not hold are never drawn; there is a draft.
/// </remarks>
internal sealed class ChunkBeamSearchRun(AlignmentModels models, AlignmentTask task, ChunkBeamSearchParameters parameters) : IAlignmentRun
{
    private readonly RunContext _context = new(models, task);
    private readonly int _room = task.MaxResponseTokens - task.ResponsePrefix.Count;
    private SearchDraft? _draft;
    private AnswerSoFar? _answer;
    private ChunkCandidates? _candidates;
    private IReadOnlyList<Beam> _beams = [];
    private int _chunk;

    public bool IsFinished => _beams.Count > 0 && _beams.All(beam => beam.IsWhole);

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => _answer is not null;

    /// <summary>Whether the first chunk holds whole responses.</summary>
    private bool IsOneChunk => parameters.ChunkTokens >= _room;

    private int Total => (int)(((long)_room + parameters.ChunkTokens - 1) / parameters.ChunkTokens);

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            // 1. Prefill.
            if (!_context.Prefill())
            {
                return null;
            }

            _draft = task.Draft is null && IsOneChunk ? null : new SearchDraft(_context, parameters.SampleDraft);
            return null;
        }

        if (_draft is not null)
        {
            // 2. One token of the draft, or its score.
            return _draft.Advance() is { } start ? Begin(start) : null;
        }

        // 3. One token of a batch of candidates, or their score.
        _candidates ??= ChunkCandidates.Start(_context, parameters);
        if (!_candidates.IsFinished)
        {
            _candidates.Advance();
            return _answer is null && _candidates.First is { } first ? Begin(first) : null;
        }

        return Select();
    }

    public AlignmentOutcome Complete(StopReason reason) =>
        (_answer ?? throw new InvalidOperationException("There is no response yet.")).Outcome(reason, _chunk, _context.Cost.Cost);

    public void Dispose()
    {
        _draft?.Dispose();
        _candidates?.Dispose();
        _context.Dispose();
    }

    private DraftUpdate Begin(ScoredResponse start)
    {
        _answer = new AnswerSoFar(start, _draft?.Competes ?? true, parameters.PrefixScoring == BeamPrefixScoring.EosAppended);
        _draft?.Dispose();
        _draft = null;
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = start }], start);
    }

    // 4. The best W survive.
    private IterationUpdate Select()
    {
        _chunk++;
        foreach ((ScoredResponse response, int candidate) in _candidates!.Whole)
        {
            _answer!.Offer(response, candidate, _chunk);
        }

        _beams = _candidates.Survivors;
        Beam? part = _beams.FirstOrDefault(beam => !beam.IsWhole);
        _answer!.SetPart(part?.Response, part?.Candidate ?? 0, _chunk);
        ChunkCandidates next = _candidates.Next();
        _candidates.Dispose();
        _candidates = next;
        return new IterationUpdate(_chunk, Total, [.. _beams.Select(Snapshot)], _answer.Response);
    }

    private ChainSnapshot Snapshot(Beam beam, int rank) => new()
    {
        Chain = rank,
        Response = beam.Response,
        ChangedTokens = TokenChanges.Count(_answer!.Draft.Tokens, beam.Response.Tokens),
    };
}
