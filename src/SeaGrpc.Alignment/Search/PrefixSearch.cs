using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Search;

/// <summary>
/// Searches for the continuations of several prefixes of low energy, in step with each other so that their passes are one.
/// </summary>
/// <remarks>
/// A step, for every prefix:
/// 1. While fewer than D tokens are chosen: the K likeliest next tokens of every beam, read by the reward as if each ended there; the W
///    prefixes of lowest energy go on. A candidate costs the reward its token and the template's tail, and the policy nothing: its
///    probability is in the beam's row.
/// 2. Then chunks of L sampled tokens, K2 of every beam, of which the best W go on likewise.
/// 3. Wherever the policy has read a beam, what it would be if it ended there has an exact energy without another pass: it is offered as a
///    response.
/// 4. A beam whose energy is too far above the best response's is dropped; a continuation ends when no beam is left.
/// </remarks>
internal sealed class PrefixSearch(RunContext context, SearchShape shape, IReadOnlyList<Continuation> continuations) : IDisposable
{
    public IReadOnlyList<Continuation> Continuations => continuations;

    public bool IsFinished => continuations.All(continuation => continuation.IsFinished);

    /// <summary>One piece of work: one token of every beam or chunk, with its scores.</summary>
    public void Advance()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Continuation[] enumerating = [.. continuations.Where(one => !one.IsFinished && one.Depth < shape.EnumeratedTokens)];
        if (enumerating.Length > 0)
        {
            Enumerate(enumerating);
            return;
        }

        Continuation[] sampling = [.. continuations.Where(one => !one.IsFinished)];
        Continuation[] growing = [.. sampling.Where(one => one.Chunk is null || !IsGrown(one))];
        if (growing.Length > 0)
        {
            Grow(growing);
        }

        if (sampling.All(IsGrown))
        {
            Select(sampling);
        }
    }

    public void Dispose()
    {
        foreach (Continuation continuation in continuations)
        {
            continuation.Dispose();
        }
    }

    private bool IsGrown(Continuation one) => one.Chunk is { } chunk
        && (chunk.Policy.AllFinished || chunk.Length >= Math.Min(one.Beams!.Length + shape.ChunkTokens, context.Task.MaxResponseTokens));

    // 1. Candidates of every beam, read exactly.
    private void Enumerate(Continuation[] active)
    {
        Tensor[] logits = PolicyRows.Logits([.. active.Select(one => one.Beams!.Policy)]);
        List<Candidates> all = [];
        try
        {
            for (int index = 0; index < active.Length; index++)
            {
                Tensor own = nn.functional.log_softmax(logits[index], -1);
                OfferEnds(active[index], own);
                if (!active[index].IsFinished)
                {
                    all.Add(Candidates.Choose(context, active[index], own, shape.Candidates));
                }
            }

            if (all.Count == 0)
            {
                return;
            }

            float[][] rewards = RewardRows.Read(context, [.. all.Select(candidates => candidates.Reading())]);
            for (int index = 0; index < all.Count; index++)
            {
                Choose(all[index], rewards[index]);
            }
        }
        finally
        {
            all.ForEach(candidates => candidates.Dispose());
        }
    }

    private void Choose(Candidates candidates, float[] rewards)
    {
        Continuation one = candidates.Continuation;
        PrefixRows beams = one.Beams!;
        bool last = beams.Length + 1 >= context.Task.MaxResponseTokens;
        ScoredResponse[] scored = [.. Enumerable.Range(0, candidates.Count).Select(index => context.Scored(
            [.. beams.Policy.Content(candidates.Beams[index]), (int)candidates.Tokens[index]],
            false,
            rewards[index],
            beams.LogProbability(candidates.Beams[index]) + candidates.LogProbabilities[index]))];
        int[] kept = Keep(one, scored);
        if (kept.Length == 0)
        {
            one.GoOn(null, []);
            return;
        }

        PrefixRows next = PrefixRows.Extend(
            [.. kept.Select(index => (beams, candidates.Beams[index]))],
            [.. kept.Select(index => (candidates.Rewards, index))],
            [.. kept.Select(index => candidates.Tokens[index])],
            [.. kept.Select(index => candidates.LogProbabilities[index])]);
        if (last)
        {
            one.Offer(scored[kept[0]], next, 0);
            next.Dispose();
            one.GoOn(null, []);
            return;
        }

        one.GoOn(next, [.. kept.Select(index => scored[index])]);
    }

    // 2. One token of every chunk.
    private void Grow(Continuation[] growing)
    {
        Tensor[] logits = PolicyRows.Logits([.. growing.Select(one => (one.Chunk ?? one.Beams!).Policy)]);
        for (int index = 0; index < growing.Length; index++)
        {
            Continuation one = growing[index];
            Tensor own = logits[index];
            if (one.Chunk is null)
            {
                OfferEnds(one, nn.functional.log_softmax(own, -1));
                if (one.IsFinished)
                {
                    continue;
                }

                // The beams' rows are read once, and then stand side by side K2 times.
                long[] rows =
                    [.. Enumerable.Range(0, one.Beams!.Rows).SelectMany(row => Enumerable.Repeat((long)row, shape.SamplesPerBeam))];
                one.Chunk = PrefixRows.Gather([.. rows.Select(row => (one.Beams, (int)row))]);
                own = own.index_select(0, tensor(rows, device: own.device));
            }

            Tensor next = TokenSampling.Draw(
                own.Plus(context.Models.LegalTokens), context.Task.Method.SamplingTemperature, context.Generator, shape.TopK);
            one.Chunk.Policy.Append(next, own);
        }
    }

    // The best of the chunks.
    private void Select(Continuation[] sampling)
    {
        Continuation[] active = [.. sampling.Where(one => !one.IsFinished)];
        ScoredResponse[][] scores = PrefixRows.Score(context, [.. active.Select(one => one.Chunk!)]);
        for (int index = 0; index < active.Length; index++)
        {
            Continuation one = active[index];
            PrefixRows chunk = one.Chunk!;
            for (int row = 0; row < chunk.Rows; row++)
            {
                if (chunk.IsWhole(row))
                {
                    one.Offer(scores[index][row], chunk, row);
                }
            }

            int[] going = [.. Enumerable.Range(0, chunk.Rows).Where(row => !chunk.IsWhole(row))];
            int[] kept = [.. Keep(one, [.. going.Select(row => scores[index][row])]).Select(place => going[place])];
            PrefixRows? beams = kept.Length == 0 ? null : PrefixRows.Gather([.. kept.Select(row => (chunk, row))]);
            one.GoOn(beams, [.. kept.Select(row => scores[index][row])]);
        }
    }

    // 3. What beams would be if they ended here; the policy has just read them.
    private void OfferEnds(Continuation one, Tensor logProbabilities)
    {
        if (one.Prefixes is not { } prefixes)
        {
            return;
        }

        float[] ends = logProbabilities.select(1, context.Models.Prompts.EosId).cpu().data<float>().ToArray();
        for (int row = 0; row < prefixes.Length; row++)
        {
            one.Offer(one.Beams!.Ended(row, prefixes[row].Reward, ends[row]), one.Beams, row);
        }

        // 4.
        int[] kept = [.. Enumerable.Range(0, prefixes.Length).Where(row => IsPromising(one, prefixes[row]))];
        if (kept.Length == 0)
        {
            one.GoOn(null, []);
        }
    }

    /// <summary>The best W of prefixes, the best first, equal ones and copies once.</summary>
    private int[] Keep(Continuation one, ScoredResponse[] prefixes) =>
    [
        .. Enumerable.Range(0, prefixes.Length)
            .Where(index => IsPromising(one, prefixes[index]))
            .OrderBy(index => prefixes[index].Energy)
            .DistinctBy(index => string.Join(',', prefixes[index].Tokens))
            .Take(shape.BeamWidth),
    ];

    private bool IsPromising(Continuation one, ScoredResponse prefix) => prefix.Energy < one.Bound + shape.PruneMargin;
}
