using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Tests;

/// <summary>What is returned is hardly less fluent than its draft.</summary>
public sealed class FluencyFloorTests
{
    private static readonly DraftedParameters[] All =
    [
        SeaParameters.Default with { Iterations = 3, Chains = 3, FlipTemperature = 2 },
        SeaParameters.Default with { Iterations = 3, Chains = 2, DraftSamples = 6, Selection = SeaSelection.Reward },
        SeaParameters.Default with { Iterations = 3, Reference = SeaReference.None },
        SeaParameters.Langevin with { Iterations = 3, DraftSamples = 3, GuidedDecode = true },
        SeaParameters.Paper with { Iterations = 3, DraftSamples = 3 },
        new BestOfNParameters { SampleCount = 8 },
        new ArgsParameters { Candidates = 60, GuidanceWeight = 1000 },
        new ArgsParameters { Candidates = 60, GuidanceWeight = 1000, Greedy = false },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 3, ChunkTokens = 3, TopK = 0 },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 3, ChunkTokens = 100, TopK = 0 },
        new EnergySearchParameters { BeamWidth = 2, Candidates = 6, Iterations = 6, PruneMargin = 100, TopK = 0, SamplingTemperature = 2 },
        new EnergySearchParameters
        {
            BeamWidth = 2, Candidates = 3, RewriteCandidates = 3, Iterations = 4, PrefixScoring = BeamPrefixScoring.Rollout,
        },
        new EnergySearchParameters { Iterations = 12, Acceptance = EnergySearchAcceptance.Metropolis },
        new EnergySearchParameters { BeamWidth = 2, Candidates = 3, Iterations = 6, Acceptance = EnergySearchAcceptance.Temperature },
    ];

    public static TheoryData<int> Methods => [.. Enumerable.Range(0, All.Length)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void An_answer_loses_no_more_fluency_than_the_request_permits(int method)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        bool isNeeded = false;
        // The policy's likeliest tokens: most answers are less fluent.
        var likeliest = new ArgsParameters { Candidates = 1, SampleDraft = false };
        IReadOnlyList<int> draft = Runs.Run(models, Runs.Task(likeliest)).Outcome.Response.Tokens;
        foreach (IReadOnlyList<int>? given in (IReadOnlyList<int>?[])[draft, null])
        {
            for (ulong seed = 0; seed < 2; seed++)
            {
                isNeeded |= Loss(100) > 0.2;
                Assert.InRange(Loss(0.2), double.NegativeInfinity, 0.2 + 1e-4);
                Assert.InRange(Loss(0), double.NegativeInfinity, 1e-4);

                double Loss(double most)
                {
                    DraftedParameters parameters = All[method] with { MaxFluencyLoss = most, RewardWeight = 100 };
                    AlignmentTask task = Runs.Task(parameters, seed) with { Draft = given };
                    AlignmentOutcome outcome = Runs.Run(models, task).Outcome;
                    return Level(models, outcome.Draft) - Level(models, outcome.Response);
                }
            }
        }

        Assert.True(isNeeded, "No answer would have lost as much without a limit.");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_floor_that_everything_is_above_changes_nothing(int method)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentOutcome without = Runs.Run(models, Runs.Task(All[method])).Outcome;
        AlignmentOutcome high = Runs.Run(models, Runs.Task(All[method] with { MaxFluencyLoss = 99 })).Outcome;
        Assert.Equal(without.Response.Tokens, high.Response.Tokens);
        Assert.Equal((without.Response.Energy, without.Cost), (high.Response.Energy, high.Cost));
    }

    [Theory]
    [InlineData("Paris is the capital of France.")]
    [InlineData("The quick brown fox jumps over the lazy dog.")]
    [InlineData("We will send you a new kettle tomorrow and refund the delivery costs.")]
    public void A_draft_that_the_policy_does_not_understand_is_the_answer(string text)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "models");
        using AlignmentModels models = AlignmentModels.Load(
            Path.Combine(folder, "tiny-policy"), Path.Combine(folder, "tiny-reward"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        int[] draft = [.. models.Policy.Tokenizer.Encode(text)];
        foreach (DraftedParameters method in (DraftedParameters[])[
            new EnergySearchParameters(), SeaParameters.Default, SeaParameters.Langevin, SeaParameters.Paper, new BestOfNParameters(),
            new ArgsParameters(), new ChunkBeamSearchParameters()])
        {
            var task = new AlignmentTask
            {
                Prompt = models.Prompts.EncodeChat([new ChatMessage("user", "My kettle is leaking.")]),
                Method = method with { MaxFluencyLoss = DraftedParameters.LossFromCallersDraft },
                Seed = 1,
                MaxResponseTokens = 64,
                Draft = draft,
            };
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task);
            Assert.Equal((StopReason.DraftNotUnderstood, 0, 0), (outcome.StopReason, outcome.Iteration, outcome.IterationsRun));
            Assert.Equal(draft, outcome.Response.Tokens);
            Assert.Equal(outcome.Draft.Energy, outcome.Response.Energy);
            Assert.Equal(draft, Assert.IsType<DraftUpdate>(Assert.Single(updates)).Best.Tokens);
        }

        AlignmentOutcome free = Runs.Run(models, new AlignmentTask
        {
            Prompt = models.Prompts.EncodeChat([new ChatMessage("user", "My kettle is leaking.")]),
            Method = new BestOfNParameters { SampleCount = 2 },
            Seed = 1,
            MaxResponseTokens = 64,
            Draft = draft,
        }).Outcome;
        Assert.Equal(StopReason.Iterations, free.StopReason);
    }

    /// <summary>Computed from the public surprisals, by sorting.</summary>
    private static double Level(AlignmentModels models, ScoredResponse response)
    {
        IReadOnlyList<float> surprisals = models.Surprisal(Runs.Prompt, response.Tokens, response.EndsWithEos);
        return surprisals.Count == 0 ? 0 : surprisals.OrderDescending().Take(10).Average(surprisal => Math.Min(0.0, 4 - surprisal));
    }
}
