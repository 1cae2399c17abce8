using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Sea.Substitutions;

public sealed class SubstitutionSamplerTests
{
    private const int Positions = 10;

    private static readonly EncodedPrompt Prompt = new(
        [TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant],
        [new RewardPrompt([TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos])]);

    private static readonly SeaParameters Substitutions = new()
    {
        Sampler = SeaSampler.GradientFlips,
        EmbeddingNoise = 0,
        RewardWeight = 4,
        Proposals = 12,
    };

    [Fact]
    public void Without_temperature_no_chains_energy_rises_and_all_fall_at_last()
    {
        using AlignmentModels models = TinyModels.Load(3);
        using RunContext context = Context(models, Substitutions);
        using var sampler = new SubstitutionSampler(context, Substitutions, Drafts(models));
        double[] first = [.. sampler.Start().Select(chain => chain.Row.Response.Energy)];
        double[] last = first;
        for (int iteration = 0; iteration < 15; iteration++)
        {
            double[] now = [.. sampler.Iterate().Select(chain => chain.Row.Response.Energy)];
            Assert.All(now.Zip(last), pair => Assert.True(pair.First <= pair.Second));
            last = now;
        }

        Assert.All(last.Zip(first), pair => Assert.True(pair.First < pair.Second - 1));
    }

    [Fact]
    public void What_it_reports_is_what_scoring_says()
    {
        using AlignmentModels models = TinyModels.Load(3);
        using RunContext context = Context(models, Substitutions);
        using var sampler = new SubstitutionSampler(context, Substitutions, Drafts(models));
        for (int iteration = 0; iteration < 6; iteration++)
        {
            foreach (SampledChain chain in sampler.Iterate())
            {
                ScoredResponse again = models.Score([(Prompt, chain.Row.Response.Tokens)], Substitutions.RewardWeight)[0];
                Assert.Equal(again.Energy, chain.Row.Response.Energy, 1e-3);
                Assert.True(chain.GradientNorm > 0);
                Assert.All(chain.Row.KlPerToken!, kl => Assert.True(kl >= -1e-4));
            }
        }
    }

    [Fact]
    public void With_enough_proposals_it_ends_where_no_single_substitution_is_better()
    {
        using AlignmentModels models = TinyModels.Load(3);
        SeaParameters wide = Substitutions with { Proposals = 400 };
        using RunContext context = Context(models, wide);
        HardResponses draft = new([70, 71, 72, TinyCheckpoint.Eos], 1, models.IsEos);
        using var sampler = new SubstitutionSampler(context, wide, draft);
        ScoredResponse response = sampler.Start()[0].Row.Response;
        for (int iteration = 0; iteration < 40; iteration++)
        {
            response = sampler.Iterate()[0].Row.Response;
        }

        // The ranking keeps 16 substitutions a position, of about 250; the best of all is not always among them, a better one seldom is
        // elsewhere.
        IReadOnlyList<int>[] neighbours = [.. Enumerable.Range(0, 3).SelectMany(position => Enumerable.Range(1, 200).Select(token =>
            response.Tokens.Select((old, index) => index == position ? token : old).ToArray()))];
        IReadOnlyList<ScoredResponse> scores = models.Score([.. neighbours.Select(tokens => (Prompt, tokens))], wide.RewardWeight);
        Assert.InRange(scores.Count(score => score.Energy < response.Energy - 1e-3), 0, neighbours.Length / 50);
    }

    [Fact]
    public void A_temperature_lets_the_energy_rise_now_and_then()
    {
        using AlignmentModels models = TinyModels.Load(3);
        SeaParameters warm = Substitutions with { FlipTemperature = 5 };
        using RunContext context = Context(models, warm);
        using var sampler = new SubstitutionSampler(context, warm, Drafts(models));
        bool rose = false;
        double[] last = [.. sampler.Start().Select(chain => chain.Row.Response.Energy)];
        for (int iteration = 0; iteration < 20; iteration++)
        {
            double[] now = [.. sampler.Iterate().Select(chain => chain.Row.Response.Energy)];
            rose |= now.Zip(last).Any(pair => pair.First > pair.Second);
            last = now;
        }

        Assert.True(rose);
    }

    [Fact]
    public void Fixed_lengths_stay_and_free_ones_may_change()
    {
        using AlignmentModels models = TinyModels.Load(3);
        bool changed = false;
        foreach (SeaLength length in Enum.GetValues<SeaLength>())
        {
            SeaParameters parameters = Substitutions with { Length = length };
            using RunContext context = Context(models, parameters);
            using var sampler = new SubstitutionSampler(context, parameters, Drafts(models));
            int[] before = [.. sampler.Start().Select(chain => chain.Row.Response.Tokens.Count)];
            for (int iteration = 0; iteration < 10; iteration++)
            {
                int[] now = [.. sampler.Iterate().Select(chain => chain.Row.Response.Tokens.Count)];
                changed |= !now.SequenceEqual(before);
                Assert.True(length == SeaLength.Free || now.SequenceEqual(before));
            }
        }

        Assert.True(changed);
    }

    private static HardResponses Drafts(AlignmentModels models)
    {
        var random = new Random(5);
        long[] tokens = [.. Enumerable.Range(0, 3).SelectMany(_ => Enumerable.Range(0, Positions)
            .Select(position => position < Positions - 1 ? random.Next(1, 200) : (long)TinyCheckpoint.Eos))];
        return new HardResponses(tokens, 3, models.IsEos);
    }

    private static RunContext Context(AlignmentModels models, SeaParameters parameters)
    {
        var context = new RunContext(
            models, new AlignmentTask { Prompt = Prompt, Method = parameters, Seed = 11, MaxResponseTokens = Positions });
        context.Prefill();
        return context;
    }
}
