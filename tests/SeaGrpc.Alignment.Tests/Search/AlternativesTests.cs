using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>Responses that the caller has beside a draft, as starts of the energy search.</summary>
public sealed class AlternativesTests
{
    private static readonly int[] Draft = [65, 66, 67, 68];
    private static readonly int[][] Others = [[70, 71], [90, 91, 92], [66], [67, 66, 65, 64, 63]];
    private static readonly EnergySearchParameters Parameters =
        new() { BeamWidth = 2, Candidates = 4, Iterations = 2, MaxFluencyLoss = 100 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_search_starts_from_the_one_of_lowest_energy(bool hasDraft)
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentTask task = Runs.Task(Parameters) with { Draft = hasDraft ? Draft : null, Alternatives = Others };
        using IAlignmentRun run = models.Start(task);
        AlignmentUpdate? update = null;
        while (update is not DraftUpdate)
        {
            update = run.Advance();
        }

        Assert.False(run.IsFinished);
        run.Advance();

        AlignmentOutcome outcome = run.Complete(StopReason.TimeLimit);
        IReadOnlyList<ScoredResponse> scores =
            models.Score([.. Others.Select(ids => (task.Prompt, (IReadOnlyList<int>)ids))], Parameters.RewardWeight);
        ScoredResponse lowest = scores.Append(outcome.Draft).MinBy(one => one.Energy)!;
        Assert.Equal(lowest.Tokens, outcome.Response.Tokens);
        Assert.Equal(lowest.Energy, outcome.Response.Energy, 1e-4);
        Assert.Equal(0, outcome.Iteration);
        if (hasDraft)
        {
            Assert.Equal(Draft, outcome.Draft.Tokens);
        }
    }

    [Fact]
    public void Those_of_higher_energy_change_nothing_but_the_tokens_read()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentTask task = Runs.Task(Parameters) with { Draft = Draft };
        double draft = models.Score([(task.Prompt, Draft)], Parameters.RewardWeight)[0].Energy;
        int[][] worse =
        [
            .. Others.Where(ids => models.Score([(task.Prompt, ids)], Parameters.RewardWeight)[0].Energy > draft),
        ];
        Assert.NotEmpty(worse);
        AlignmentOutcome alone = Runs.Run(models, task).Outcome;
        AlignmentOutcome beside = Runs.Run(models, task with { Alternatives = worse }).Outcome;

        Assert.Equal(alone.Response.Tokens, beside.Response.Tokens);
        Assert.Equal(alone.Response.Energy, beside.Response.Energy);
        Assert.True(beside.Cost.PolicyTokens > alone.Cost.PolicyTokens);
        Assert.True(beside.Cost.RewardTokens > alone.Cost.RewardTokens);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_draft_is_beaten_by_a_response_whose_gain_counts(bool known)
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentTask task = Runs.Task(Parameters) with { Draft = Draft };
        double draft = models.Score([(task.Prompt, Draft)], Parameters.RewardWeight)[0].Reward;
        int[] better = Enumerable.Range(65, 26).Select(id => (int[])[id, id + 1]).MaxBy(Reward)!;
        double gain = Reward(better) - draft;
        Assert.True(gain > 0);
        task = task with
        {
            Alternatives = known ? [] : [better],
            KnownResponses = known ? [better] : [],
            MinRewardGain = 1000,
            BeatenDraftGain = 0,
        };

        Assert.NotEqual(Draft, Answer(gain / 2));
        Assert.Equal(Draft, Answer(gain * 2));

        IReadOnlyList<int> Answer(double counts) => Runs.Run(models, task with { KnownResponseGain = counts }).Outcome.Response.Tokens;

        double Reward(int[] ids) => models.Score([(task.Prompt, ids)], Parameters.RewardWeight)[0].Reward;
    }

    [Fact]
    public void One_that_is_less_fluent_than_the_floor_allows_is_not_taken()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentTask task = Runs.Task(Parameters with { MaxFluencyLoss = 0 }) with { Draft = Draft };
        ScoredResponse draft = models.Score([(task.Prompt, Draft)], Parameters.RewardWeight)[0];
        int[] odd = Enumerable.Range(65, 26).Select(id => (int[])[id, id + 1]).First(ids =>
        {
            ScoredResponse scored = models.Score([(task.Prompt, ids)], Parameters.RewardWeight)[0];
            return scored.Energy < draft.Energy && scored.Fluency.Level < draft.Fluency.Level - 0.01;
        });

        Assert.Equal(Draft, AfterReading(task).Tokens);
        Assert.Equal(odd, AfterReading(task with { Method = Parameters }).Tokens);

        ScoredResponse AfterReading(AlignmentTask drafted)
        {
            using IAlignmentRun run = models.Start(drafted with { Alternatives = [odd] });
            for (int turn = 0; turn < 3; turn++)
            {
                run.Advance();
            }

            return run.Complete(StopReason.TimeLimit).Response;
        }
    }
}
