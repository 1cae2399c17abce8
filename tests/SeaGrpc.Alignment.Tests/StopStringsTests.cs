using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

/// <summary>A response ends before the first place where a stop string occurs, and has the figures of what is left of it.</summary>
public sealed class StopStringsTests
{
    private const int Limit = 12;

    public static TheoryData<MethodParameters> Methods =>
    [
        new BaseParameters(),
        new BestOfNParameters { SampleCount = 70 },
        new ArgsParameters { Candidates = 3, Greedy = false },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 3, ChunkTokens = 3 },
        new EnergySearchParameters { BeamWidth = 2, Candidates = 4, Iterations = 6, PlateauIterations = 0 },
        new EnergySearchParameters { Iterations = 3, PrefixScoring = BeamPrefixScoring.Rollout, RolloutSamples = 2, BeamWidth = 2 },
        new EnergySearchParameters { Iterations = 8, Acceptance = EnergySearchAcceptance.Metropolis },
        SeaParameters.Default with { Iterations = 3, MinProbability = 0 },
        SeaParameters.Paper with { Iterations = 3, Chains = 2, StepSize = 30, NoiseScale = 3, GuidedDecode = true },
    ];

    [Theory]
    [InlineData("no such text", null)]
    [InlineData("lo", "hel")]
    [InlineData("{word-261}", "hello ")]
    [InlineData("-26", "hello {word")]
    [InlineData("o {w", "hell")]
    [InlineData("hello", "")]
    public void What_is_left_of_a_response_ends_before_it(string stop, string? left)
    {
        using AlignmentModels models = TinyModels.Load(3, new TinyShape(AddedTokens: 2));
        int[] tokens = [.. models.Prompts.EncodeResponse("hello "), 261, .. models.Prompts.EncodeResponse("lo"), 262];
        StopStrings stops = Stops(models, "{never}", stop);
        StopCut? cut = stops.Cut(tokens, Limit);
        Assert.Equal(left is not null, stops.Occurs(tokens));
        Assert.Equal(left, cut is null ? null : models.Policy.Tokenizer.Decode(cut.Tokens));
        Assert.Equal(left is null ? null : stop, cut?.StopString);
        if (cut is not null)
        {
            Assert.Equal(tokens.Take(cut.Whole), cut.Tokens.Take(cut.Whole));
            Assert.Equal(stop, stops.Ending(cut.Tokens));
        }
    }

    [Fact]
    public void The_first_place_counts_and_none_that_begins_within_the_prefix()
    {
        using AlignmentModels models = TinyModels.Load(3);
        int[] tokens = models.Prompts.EncodeResponse("abcabcab");
        StopCut first = Stops(models, "ca", "bc").Cut(tokens, Limit)!;
        Assert.Equal((1, "bc"), (first.Tokens.Count, first.StopString));
        var pinned = new StopStrings(["ab", "bc"], models.Policy.Tokenizer, models.Prompts.EncodeResponse, tokens[..2]);
        StopCut cut = pinned.Cut(tokens, Limit)!;
        Assert.Equal((3, "ab"), (cut.Tokens.Count, cut.StopString));
        Assert.False(pinned.Occurs(tokens[..4]));
    }

    [Fact]
    public void The_beginning_of_a_token_is_left_out_where_there_is_no_room_for_it()
    {
        using AlignmentModels models = TinyModels.Load(3, new TinyShape(AddedTokens: 1));
        int[] tokens = [65, 66, 261];
        Assert.Equal([65, 66, .. models.Prompts.EncodeResponse("{word")], Stops(models, "-").Cut(tokens, 7)!.Tokens);
        Assert.Equal([65, 66], Stops(models, "-").Cut(tokens, 6)!.Tokens);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_tells_what_is_left_with_its_exact_figures(MethodParameters method)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        int ended = 0;
        for (ulong seed = 0; seed < 6; seed++)
        {
            AlignmentTask task = Runs.Task(method, seed, Limit) with { Stops = Letters(models) };
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task);
            foreach (ScoredResponse response in Told(updates).Append(outcome.Response).Append(outcome.Draft))
            {
                Assert.False(task.Stops!.Occurs(response.Tokens));
                if (response.EndsWithEos)
                {
                    ScoredResponse alone = models.Score(
                        [(task.Prompt, response.Tokens)], method.RewardWeight, referenceTemperature: method.ReferenceTemperature)[0];
                    Assert.Equal(alone.LogProbability, response.LogProbability, 1e-3);
                    Assert.Equal(alone.Reward, response.Reward, 1e-3);
                    Assert.Equal(alone.Energy, response.Energy, 1e-2);
                }

                Assert.True(response.StopString is null || response.EndsWithEos);
                ended += response.StopString is null ? 0 : 1;
            }

            Assert.True(outcome.Response.EndsWithEos || outcome.Response.Tokens.Count == Limit);
        }

        Assert.True(ended > 0, "No response met a stop string.");
    }

    [Fact]
    public void Nothing_is_drawn_after_one()
    {
        using AlignmentModels models = TinyModels.Load(3);
        // Any byte ends it, so that a sample is one token.
        AlignmentTask[] tasks = [.. Enumerable.Range(0, 8).Select(seed => Runs.Task(new BaseParameters(), (ulong)seed, maxTokens: 200))];
        long Cost(bool stops) => tasks.Sum(task =>
            Runs.Run(models, task with { Stops = stops ? Stops(models, [.. Bytes(models)]) : null }).Outcome.Cost.PolicyTokens);
        long prompts = tasks.Sum(task => (long)task.Prompt.Policy.Count);
        Assert.InRange(Cost(stops: true) - prompts, 0, 2 * tasks.Length);
        Assert.True(Cost(stops: false) - prompts > 10 * tasks.Length);
    }

    [Fact]
    public void An_answer_says_which_one_ended_it_and_so_does_an_unread_draft()
    {
        using AlignmentModels models = TinyModels.Load(3);
        StopStrings stops = Stops(models, "D");
        int[] draft = [.. stops.Cut([65, 66, 67, 68], Limit)!.Tokens];
        Assert.Equal([65, 66, 67], draft);
        Assert.Equal("D", AlignmentOutcome.OfUnscored(draft, stops).Response.StopString);
        AlignmentTask task = Runs.Task(new BestOfNParameters { SampleCount = 1 }, maxTokens: Limit) with
        {
            Draft = draft,
            Stops = stops,
            MinRewardGain = 1000,
        };
        Assert.Equal("D", Runs.Run(models, task).Outcome.Response.StopString);
    }

    private static IEnumerable<ScoredResponse> Told(IEnumerable<AlignmentUpdate> updates) => updates.SelectMany(update => update switch
    {
        DraftUpdate draft => draft.Chains.Select(chain => chain.Response).Append(draft.Best),
        IterationUpdate iteration => iteration.Chains.Select(chain => chain.Response).Append(iteration.Best),
        ProgressUpdate progress => [progress.Best],
        _ => (IEnumerable<ScoredResponse>)[],
    });

    private static StopStrings Stops(AlignmentModels models, params string[] strings) =>
        new(strings, models.Policy.Tokenizer, models.Prompts.EncodeResponse, []);

    // A quarter of the letters, and pairs of them.
    private static StopStrings Letters(AlignmentModels models) =>
        Stops(models, [.. Enumerable.Range('!', 94).Where(letter => letter % 4 == 0).Select(letter => ((char)letter).ToString()), "ab"]);

    private static IEnumerable<string> Bytes(AlignmentModels models) =>
        Enumerable.Range(0, 256).Select(id => models.Policy.Tokenizer.Decode([id])).Distinct().Where(text => text.Length > 0);
}
