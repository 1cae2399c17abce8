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
    private readonly RunContext context = new(models, task);
    private readonly int room = task.MaxResponseTokens - task.ResponsePrefix.Count;
    private SearchDraft? draft;
    private AnswerSoFar? answer;
    private ChunkCandidates? candidates;
    private IReadOnlyList<Beam> beams = [];
    private int chunk;

    public bool IsFinished => beams.Count > 0 && beams.All(beam => beam.IsWhole);

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => answer is not null;

    /// <summary>Whether the first chunk holds whole responses.</summary>
    private bool IsOneChunk => parameters.ChunkTokens >= room;

    private int Total => (int)(((long)room + parameters.ChunkTokens - 1) / parameters.ChunkTokens);

    public AlignmentUpdate? Advance()
    {
        if (!context.HasPrompt)
        {
            // 1. Prefill.
            if (!context.Prefill())
            {
                return null;
            }

            draft = task.Draft is null && IsOneChunk ? null : new SearchDraft(context, parameters.SampleDraft);
            return null;
        }

        if (draft is not null)
        {
            // 2. One token of the draft, or its score.
            return draft.Advance() is { } start ? Begin(start) : null;
        }

        // 3. One token of a batch of candidates, or their score.
        candidates ??= ChunkCandidates.Start(context, parameters);
        if (!candidates.IsFinished)
        {
            candidates.Advance();
            return answer is null && candidates.First is { } first ? Begin(first) : null;
        }

        return Select();
    }

    public AlignmentOutcome Complete(StopReason reason) =>
        (answer ?? throw new InvalidOperationException("There is no response yet.")).Outcome(reason, chunk, context.Cost.Cost);

    public void Dispose()
    {
        draft?.Dispose();
        candidates?.Dispose();
        context.Dispose();
    }

    private DraftUpdate Begin(ScoredResponse start)
    {
        answer = new AnswerSoFar(start, draft?.Competes ?? true, parameters.PrefixScoring == BeamPrefixScoring.EosAppended);
        draft?.Dispose();
        draft = null;
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = start }], start);
    }

    // 4. The best W survive.
    private IterationUpdate Select()
    {
        chunk++;
        foreach ((ScoredResponse response, int candidate) in candidates!.Whole)
        {
            answer!.Offer(response, candidate, chunk);
        }

        beams = candidates.Survivors;
        Beam? part = beams.FirstOrDefault(beam => !beam.IsWhole);
        answer!.SetPart(part?.Response, part?.Candidate ?? 0, chunk);
        ChunkCandidates next = candidates.Next();
        candidates.Dispose();
        candidates = next;
        return new IterationUpdate(chunk, Total, [.. beams.Select(Snapshot)], answer.Response);
    }

    private ChainSnapshot Snapshot(Beam beam, int rank) => new()
    {
        Chain = rank,
        Response = beam.Response,
        ChangedTokens = TokenChanges.Count(answer!.Draft.Tokens, beam.Response.Tokens),
    };
}
