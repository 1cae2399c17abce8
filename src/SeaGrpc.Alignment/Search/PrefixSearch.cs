using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Policies.Loaded;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Search;

/// <summary>
/// The search that all left-to-right methods share. The continuations of several prefixes advance together, so that their passes are
/// batched.
/// </summary>
/// <remarks>
/// A step, for every prefix:
/// 1. While fewer than D tokens are chosen: the rewards read the K most likely next tokens of every beam. A candidate costs the reward
///    its token and the template's tail. It costs the policy nothing, because its probability is in the beam's row.
/// 2. Then chunks of L sampled tokens, K2 per beam, in batches. The beams are read once.
/// 3. The best W continue, by energy, reward or a local score. A prefix is scored as if it ended there, at its last token, or by rollouts.
/// 4. If ends take no place among the beams: wherever the policy has read a beam, the response that ends there has an exact energy without
///    another pass, and is recorded.
/// 5. A beam whose energy is too far above that of the best response is dropped, and one that the fluency floor admits no continuation
///    of. A continuation ends when no beam is left.
/// </remarks>
/// <param name="context">The run.</param>
/// <param name="shape">What it does.</param>
/// <param name="continuations">Where it starts; taken over.</param>
/// <param name="seen">Told candidates that were read side by side, with the position at which they part; or null.</param>
internal sealed class PrefixSearch(
    RunContext context, SearchShape shape, IReadOnlyList<Continuation> continuations,
    Action<int, IReadOnlyList<ScoredResponse>>? seen = null)
    : IDisposable
{
    /// <summary>Number of chunks of a continuation that are sampled side by side.</summary>
    public const int BatchRows = 64;

    private IReadOnlyList<Candidates> _waiting = [];

    public IReadOnlyList<Continuation> Continuations => continuations;

    public bool IsFinished => continuations.All(continuation => continuation.IsFinished);

    /// <summary>The ended response of the lowest energy.</summary>
    public ScoredResponse? Best => continuations.Select(one => one.Best).MinBy(best => best?.Energy ?? double.PositiveInfinity);

    /// <summary>Number of completed steps, over all continuations.</summary>
    public int Steps => continuations.Sum(one => one.Steps);

    /// <summary>The best of the prefixes that continue; null if there is none yet.</summary>
    public ScoredResponse? Leading => continuations.Where(one => !one.IsFinished)
        .SelectMany(one => one.Survivors)
        .Where(survivor => !survivor.IsWhole)
        .MaxBy(survivor => survivor.Rank)
        ?.Response;

    private bool IsRaw => shape.Scoring != BeamPrefixScoring.EosAppended;

    /// <summary>Does one unit of work: one token for every beam, chunk or rollout, with its scores.</summary>
    public void Advance()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (_waiting.Count > 0)
        {
            Complete();
            return;
        }

        Continuation[] going = [.. continuations.Where(one => !one.IsFinished)];
        Continuation[] enumerating = [.. going.Where(one => one.Depth < shape.EnumeratedTokens && HasRoom(one))];
        if (enumerating.Length > 0)
        {
            Enumerate(enumerating);
            return;
        }

        Continuation[] growing = [.. going.Where(one => !IsGrown(one))];
        if (growing.Length > 0)
        {
            Grow(growing);
        }

        Continuation[] grown = [.. going.Where(one => !one.IsFinished)];
        if (grown.Length > 0 && grown.All(IsGrown))
        {
            Rank(Sampled(grown));
        }
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _waiting.Concat<IDisposable>(continuations))
        {
            owned.Dispose();
        }
    }

    private bool HasRoom(Continuation one) => one.Beams!.Length < context.Task.MaxResponseTokens;

    private bool IsGrown(Continuation one) => one.Step.Chunk is { } chunk
        && (chunk.IsGrown || chunk.Length >= (long)one.Beams!.Length + shape.ChunkTokens);

    // 1. Candidates of every beam, scored exactly.
    private void Enumerate(Continuation[] active)
    {
        BeamOutlook[] next = context.Prompt.Policy.Next([.. active.Select(one => one.Beams!.Policy)]);
        List<(Continuation, BeamOutlook)> going = [];
        for (int index = 0; index < active.Length; index++)
        {
            OfferEnds(active[index], next[index]);
            if (!active[index].IsFinished)
            {
                going.Add((active[index], next[index]));
            }
        }

        if (going.Count > 0)
        {
            Rank(EnumeratedCandidates.Read(context, shape, going));
        }
    }

    // 2. What the policy draws of every chunk in a turn: one token, or the whole chunk.
    private void Grow(Continuation[] growing)
    {
        Continuation[] unread = [.. growing.Where(one => one.Step.Chunk is not null || (one.Step.Next is null && HasRoom(one)))];
        BeamOutlook?[] ahead = context.Prompt.Policy.Ahead([.. unread.Select(one => (one.Step.Chunk ?? one.Beams!).Policy)]);
        List<Continuation> opened = [];
        List<(Continuation One, BeamOutlook? Next)> drawing = [];
        foreach (Continuation one in growing)
        {
            BeamOutlook? next = Array.IndexOf(unread, one) is >= 0 and var index ? ahead[index] : null;
            if (one.Step.Chunk is null)
            {
                next = Open(one, next);
                opened.Add(one);
            }

            if (one.Step.Chunk is not null && HasRoom(one))
            {
                drawing.Add((one, next));
            }
        }

        if (drawing.Count > 0)
        {
            long room = drawing.Min(own => Math.Min((long)own.One.Beams!.Length + shape.ChunkTokens, context.Task.MaxResponseTokens)
                - own.One.Step.Chunk!.Length);
            context.Prompt.Policy.Draw([.. drawing.Select(own => (own.One.Step.Chunk!.Policy, own.Next))], (int)room, shape.TopK);
        }

        foreach (Continuation one in opened.Where(one => one.Step is { Chunk.Policy.Told: not null, Taken: 0 }))
        {
            // The tokens in place of a chunk's first one are those after its beam.
            int[] parents = Batch(one);
            OfferEnds(one, one.Step.Chunk!.Policy.Told!.Of(
                [.. Enumerable.Range(0, one.Beams!.Rows).Select(beam => Array.IndexOf(parents, beam))]));
        }
    }

    // Begins a batch of chunks, unless the beams turn out to be the end. What the policy tells ahead of the beams is kept for the next
    // batches. Returns what it tells ahead of the chunks.
    private BeamOutlook? Open(Continuation one, BeamOutlook? ahead)
    {
        if (ahead is not null)
        {
            OfferEnds(one, ahead);
            if (one.IsFinished)
            {
                return null;
            }

            one.Step.Next = ahead.Keep();
        }

        int[] batch = Batch(one);
        one.Step.Chunk = one.Beams!.Fan(batch, shape.ChunkTokens);
        return HasRoom(one) ? one.Step.Next?.Of(batch) : null;
    }

    // The beam of every chunk of a step's next batch.
    private int[] Batch(Continuation one)
    {
        int[] parents = Parents(one);
        return parents[one.Step.Taken..Math.Min(parents.Length, one.Step.Taken + BatchRows)];
    }

    // The beam of every chunk of a step.
    private int[] Parents(Continuation one) => one.Steps == 0
        ? [.. Enumerable.Repeat(0, shape.BeamWidth * shape.SamplesPerBeam)]
        : [.. Enumerable.Range(0, one.Beams!.Rows).SelectMany(row => Enumerable.Repeat(row, shape.SamplesPerBeam))];

    private SampledCandidates[] Sampled(Continuation[] grown)
    {
        ScoredResponse[][] scores = PrefixRows.Score(context, [.. grown.Select(one => one.Step.Chunk!)], IsRaw);
        return [.. grown.Select((one, index) =>
        {
            PrefixRows chunk = one.Step.Chunk!;
            one.Step.Chunk = null;
            return new SampledCandidates(one, scores[index], chunk);
        })];
    }

    // 3. Records ended candidates and ranks; if completions score prefixes, waits for them.
    private void Rank(IReadOnlyList<Candidates> scored)
    {
        _waiting = scored;
        foreach (Candidates candidates in scored)
        {
            Continuation one = candidates.Continuation;
            seen?.Invoke(one.Beams!.Length, candidates.Responses);
            one.Note(candidates);
            int[] parts = [.. Enumerable.Range(0, candidates.Count).Where(index => !candidates.IsWhole(index))];
            if (shape.Scoring == BeamPrefixScoring.Rollout && parts.Length > 0)
            {
                candidates.Rollouts = new Rollouts(shape, one, candidates.Copy(parts), [.. parts.Select(part => one.Step.Taken + part)]);
            }
        }

        if (scored.All(candidates => candidates.Rollouts is null))
        {
            Complete();
        }
    }

    private void Complete()
    {
        if (_waiting.FirstOrDefault(candidates => candidates.Rollouts is { IsFinished: false }) is { } unfinished)
        {
            unfinished.Rollouts!.Advance();
            return;
        }

        foreach (Candidates candidates in _waiting)
        {
            if (candidates.Rollouts is { } rollouts)
            {
                int part = 0;
                for (int index = 0; index < candidates.Count; index++)
                {
                    ScoredResponse own = candidates.Responses[index];
                    candidates.Responses[index] = candidates.IsWhole(index)
                        ? own
                        : context.Scored(own.Tokens, own.EndsWithEos, rollouts.Worth(part++), own.LogProbability, own.Fluency);
                }
            }

        }

        (Candidates Candidates, Survivor[] Kept)[] chosen = [.. _waiting.Select(candidates => (candidates, Kept(candidates)))];
        EnumeratedCandidates.Follow([.. chosen.Where(one => one.Candidates is EnumeratedCandidates).Select(one => (
            (EnumeratedCandidates)one.Candidates, one.Candidates.Continuation.Step.Fresh(one.Kept)))]);
        foreach ((Candidates candidates, Survivor[] kept) in chosen)
        {
            GoOn(candidates, kept);
            candidates.Dispose();
        }

        _waiting = [];
    }

    // The survivors of the step so far, if it has these candidates.
    private Survivor[] Kept(Candidates candidates)
    {
        Continuation one = candidates.Continuation;
        IEnumerable<Survivor> fresh = one.Step.Fresh(candidates, index => Worth(candidates, index))
            .Where(survivor => survivor.IsWhole
                ? shape.EndsStay && context.Floor.Admits(survivor.Response)
                : IsPromising(one, survivor.Response) && context.Floor.MayAdmit(survivor.Response));
        return Choose([.. one.Step.Survivors, .. fresh]);
    }

    private void GoOn(Candidates candidates, Survivor[] kept)
    {
        Continuation one = candidates.Continuation;
        one.Step.Keep(kept, candidates);
        if (candidates is EnumeratedCandidates || one.Step.Taken == Parents(one).Length)
        {
            one.GoOn(shape.EndsStay);
        }
    }

    private double Worth(Candidates candidates, int index)
    {
        ScoredResponse response = candidates.Responses[index];
        return shape.LocalWeight is { } weight ? candidates.Logit(index) + ((float)response.Reward * (float)weight)
            : shape.RankBy == SearchRanking.Reward ? response.Reward
            : -response.Energy;
    }

    // The best W, best first. Equal ones keep their order.
    private Survivor[] Choose(List<Survivor> pool)
    {
        if (shape.DrawTemperature is not { } temperature)
        {
            IEnumerable<Survivor> ordered = pool.OrderByDescending(survivor => survivor.Rank);
            return [.. (shape.EndsStay ? ordered : ordered.DistinctBy(survivor => string.Join(',', survivor.Response.Tokens)))
                .Take(shape.BeamWidth)];
        }

        List<Survivor> drawn = [];
        while (pool.Count > 0 && drawn.Count < shape.BeamWidth)
        {
            Tensor ranks = tensor(pool.Select(survivor => (float)survivor.Rank).ToArray(), device: context.Models.Policy.Device);
            int chosen = (int)TokenSampling.Draw(ranks.unsqueeze(0), temperature, context.Generator).item<long>();
            drawn.Add(pool[chosen]);
            pool.RemoveAt(chosen);
        }

        return [.. drawn];
    }

    // 4. The responses that end at the beams, which the policy has just read.
    private void OfferEnds(Continuation one, BeamOutlook next)
    {
        if (!shape.HasFreeEnds || one.Steps == 0)
        {
            return;
        }

        float[] ends = next.Ends();
        foreach (Survivor beam in one.Survivors.Where(beam => float.IsFinite(ends[beam.Row]) && ends[beam.Row] >= shape.EndFloor))
        {
            one.Offer(one.Beams!.Ended(beam.Row, beam.Response.Reward, ends[beam.Row]), one.Beams, beam.Row);
        }

        // 5.
        if (!one.Survivors.Any(beam => IsPromising(one, beam.Response)))
        {
            one.End();
        }
    }

    private bool IsPromising(Continuation one, ScoredResponse prefix) =>
        prefix.Energy < one.Bound + shape.PruneMargin + shape.Rises.From(prefix.Tokens.Count);
}
