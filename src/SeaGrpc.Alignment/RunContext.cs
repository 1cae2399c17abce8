using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>What every run has: the models, its task, random numbers, cost, and the prompt after prefill.</summary>
/// <param name="models">The models.</param>
/// <param name="task">The task.</param>
/// <param name="countsRewards">
/// Whether the method uses rewards for anything other than reports. Otherwise they are not charged to it.
/// </param>
internal sealed class RunContext(AlignmentModels models, AlignmentTask task, bool countsRewards = true) : IDisposable
{
    private PromptState? _prompt;

    public AlignmentModels Models { get; } = models;

    public AlignmentTask Task { get; } = task;

    public CostCounter Cost { get; } = new(countsRewards);

    public Generator Generator { get; } = SeededGenerator.Of(task.Seed, models.Policy.Device);

    public PromptState Prompt => _prompt ?? throw new InvalidOperationException("The prompt has not been prefilled.");

    /// <summary>The rewards of candidates that the run has read.</summary>
    public KnownRewards KnownRewards { get; } = new();

    /// <summary>How fluent the answer must be. There is no floor before the draft is known.</summary>
    public FluencyFloor Floor { get; private set; } = FluencyFloor.None;

    /// <summary>Whether the caller's draft has been scored, and is the answer because the policy does not understand it.</summary>
    public bool IsDraftForeign { get; private set; }

    public bool HasPrompt => _prompt is not null;

    /// <summary>Reads the prompt. If another job is reading the same prompt, nothing is done, and the caller tries again.</summary>
    /// <returns>Whether the prompt has been read.</returns>
    public bool Prefill()
    {
        if (Models.IsReading(Task.Prompt))
        {
            return false;
        }

        _prompt = PromptState.Prefill(Models, Task.Prompt, Cost, Task.MixtureWeights, Task.Method.ReferenceTemperature);
        return true;
    }

    public ResponseScorer Scorer() => new(Models);

    /// <summary>The passes of the loaded policy over whole responses.</summary>
    /// <exception cref="InvalidOperationException">The policy runs elsewhere.</exception>
    public PolicyPasses PolicyPasses() => new(Prompt.Loaded, Cost);

    public IReadOnlyList<ScoredRow> Score(IReadOnlyList<(int[] Tokens, bool Ended)> responses) =>
        Scorer().Score(Prompt, Rows(responses), Task.Method.RewardWeight);

    /// <summary>The rewards of whole responses. log pi_ref is not computed.</summary>
    /// <exception cref="NumericFailureException">A reward is not finite.</exception>
    public float[] Rewards(IReadOnlyList<(int[] Tokens, bool Ended)> responses)
    {
        HardResponses rows = Rows(responses);
        Prompt.Announce(() => rows);
        float[] rewards = Prompt.Sum(rows.Rows, Prompt.Rewards, reward => reward.State.Rewards(rows));
        int broken = Array.FindIndex(rewards, reward => !float.IsFinite(reward));
        return broken < 0 ? rewards : throw new NumericFailureException($"The reward of row {broken} is {rewards[broken]}: use float32.");
    }

    /// <summary>Scores responses for a method that ranks by reward alone. Only their rewards are charged to it.</summary>
    /// <exception cref="NumericFailureException">A reward or an energy is not finite.</exception>
    public IReadOnlyList<ScoredResponse> ScoreByReward(IReadOnlyList<(int[] Tokens, bool Ended)> responses) =>
        Reported(responses, Rewards(responses));

    /// <summary>
    /// Responses with known rewards, with log pi_ref and energy for reports. A method that ranks by reward alone needs neither, so this
    /// pass is not charged to it.
    /// </summary>
    /// <exception cref="NumericFailureException">An energy is not finite.</exception>
    public IReadOnlyList<ScoredResponse> Reported(IReadOnlyList<(int[] Tokens, bool Ended)> responses, IReadOnlyList<float> rewards)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using IDisposable uncounted = Cost.Pause();
        HardResponses rows = Rows(responses);
        using IRowReading policy = Prompt.Policy.Ask(rows);
        policy.Read(rows);
        return [.. ResponseScorer.Combine(rows, policy.Take(), divergences: null, rewards, Task.Method.RewardWeight)
            .Select(row => row.Response)];
    }

    /// <summary>
    /// Responses as their caller gets them. One in which a stop string occurs ends before it: what is left is read once more, and has its
    /// exact scores.
    /// </summary>
    /// <remarks>
    /// A policy elsewhere may not tell the log-probabilities of given tokens. Then only whole tokens that were drawn are left, and count.
    /// </remarks>
    /// <param name="responses">The responses.</param>
    /// <param name="drawn">log pi_ref of the tokens of each, in nats, where it is known.</param>
    /// <returns>One for each. Those without a stop string are the same objects.</returns>
    /// <exception cref="NumericFailureException">A reward or a log-probability is not finite.</exception>
    public IReadOnlyList<ScoredResponse> Stopped(IReadOnlyList<ScoredResponse> responses, Func<int, float[]>? drawn = null)
    {
        if (Task.Stops is not { } stops)
        {
            return responses;
        }

        bool reads = Prompt.Policy.ReadsRows;
        StopCut?[] cuts = [.. responses.Select(response => stops.Cut(response.Tokens, Task.MaxResponseTokens - 1, keepsParts: reads))];
        int[][] alike =
        [
            .. Enumerable.Range(0, cuts.Length).Where(index => cuts[index] is not null)
                .GroupBy(index => string.Join(',', cuts[index]!.Tokens))
                .Select(group => group.ToArray()),
        ];
        if (alike.Length == 0)
        {
            return responses;
        }

        (int[] Tokens, bool Ended)[] left = [.. alike.Select(group => ((int[])[.. cuts[group[0]]!.Tokens], true))];
        ScoredResponse[] scored = reads
            ? [.. Score(left).Select(row => row.Response)]
            : [.. Rewards(left).Zip(alike, (reward, group) => OfDrawn(cuts[group[0]]!, reward, drawn!(group[0])))];
        ScoredResponse[] result = [.. responses];
        foreach ((int at, int[] group) in alike.Index())
        {
            foreach (int index in group)
            {
                result[index] = scored[at] with { StopString = cuts[index]!.StopString };
            }
        }

        return result;
    }

    /// <summary>The same of one response.</summary>
    public ScoredResponse Stopped(ScoredResponse response) => Stopped([response])[0];

    public HardResponses Rows(IReadOnlyList<(int[] Tokens, bool Ended)> responses) =>
        HardResponses.FromRagged([.. responses.Select(response => response.Tokens)], Models.Prompts.EosId, Models.IsEos, row =>
            responses[row].Ended
        );

    /// <summary>The caller's draft. It has ended unless it fills the token limit.</summary>
    /// <exception cref="InvalidOperationException">The task has no draft.</exception>
    public (int[] Tokens, bool Ended) Draft() => Task.Draft is { } draft
        ? ([.. draft], draft.Count < Task.MaxResponseTokens)
        : throw new InvalidOperationException("The task has no draft.");

    /// <summary>Scores the caller's draft.</summary>
    public ScoredResponse ScoreDraft() => Score([Draft()])[0].Response;

    /// <summary>Sets the floor under answers that are compared with a draft.</summary>
    /// <param name="draft">The draft, scored.</param>
    public void CompareWith(ScoredResponse draft)
    {
        Floor = FluencyFloor.Under(draft, Task.FluencyLoss);
        IsDraftForeign = Task is { Draft: { } own, FluencyLoss: not null }
            && !DraftUnderstanding.Of(Models, Prompt, own);
    }

    /// <summary>A response with known figures.</summary>
    /// <exception cref="NumericFailureException">Its energy is not finite.</exception>
    public ScoredResponse Scored(IReadOnlyList<int> tokens, bool ended, double reward, double logProbability, Fluency fluency)
    {
        double energy = Energy.Of(logProbability, reward, Task.Method.RewardWeight);
        return double.IsFinite(energy)
            ? new ScoredResponse(tokens, ended, reward, logProbability, energy) { Fluency = fluency }
            : throw new NumericFailureException(
                $"The energy is not finite (log-probability {logProbability}, reward {reward}): use float32 or a smaller reward weight.");
    }

    public void Dispose()
    {
        _prompt?.Dispose();
        Generator.Dispose();
    }

    private ScoredResponse OfDrawn(StopCut cut, float reward, float[] drawn)
    {
        float[] kept = [.. drawn.Take(cut.Whole)];
        return Scored(cut.Tokens, ended: true, reward, kept.Sum(own => (double)own), Fluency.Of(kept));
    }
}
