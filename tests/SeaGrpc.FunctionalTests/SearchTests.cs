using Google.Protobuf.Reflection;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;
using Event = SeaGrpc.V1.StreamAlignResponse.EventOneofCase;

namespace SeaGrpc.FunctionalTests;

/// <summary>Methods args and chunk_beam_search over the wire.</summary>
[Collection(SharedServerTests.Name)]
public sealed class SearchTests(SharedServer shared)
{
    private static readonly Dictionary<string, Action<AlignmentSpec>> Methods = new()
    {
        ["args"] = spec => spec.Args = new ArgsParameters { Candidates = 5 },
        ["args, raw and drawn"] = spec => spec.Args = new ArgsParameters { Greedy = false, PrefixScoring = ArgsPrefixScoring.Raw },
        ["beams"] = spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 3, ChunkTokens = 3 },
        ["beams by rollouts"] = spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters
        {
            BeamWidth = 2,
            SamplesPerBeam = 2,
            ChunkTokens = 2,
            PrefixScoring = BeamPrefixScoring.Rollout,
            Rollouts = 2,
            RolloutRanking = RolloutRanking.Max,
            SampleDraft = false,
        },
    };

    public static TheoryData<string> Names => [.. Methods.Keys];

    private RunningServer Server => shared.Server;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_streams_as_it_goes(string name)
    {
        AlignmentSpec spec = Spec(name);
        spec.Updates = new UpdateOptions { IncludeText = true, IncludeTokenIds = true, IncludeChangedSpans = true };
        List<StreamAlignResponse> events = await Server.StreamAsync(spec);

        Assert.Equal([Event.Started, Event.Draft], events.Take(2).Select(next => next.EventCase));
        Assert.Equal(Enumerable.Range(0, events.Count).Select(number => (long)number), events.Select(next => next.Sequence));
        AlignmentIteration[] iterations = [.. events.Where(next => next.Iteration is not null).Select(next => next.Iteration)];
        Assert.NotEmpty(iterations);
        Assert.All(iterations, next => Assert.InRange(next.Index, 1, next.Total));
        Assert.All(
            iterations.SelectMany(next => next.Chains), chain =>
                Assert.True(chain.HasText && !chain.HasGradientNorm && !chain.HasKlToReference));
        AlignmentFinal final = events[^1].Final;
        Assert.Equal(StopReason.Iterations, final.StopReason);
        Assert.Equal(iterations[^1].Index, final.IterationsRun);
        Assert.NotEmpty(final.Response.TokenIds);
        Assert.True(final.Cost is { ForwardPasses: > 0, BackwardPasses: 0, PolicyTokens: > 0, RewardTokens: > 0 });
        Assert.True(final.Cost.ComputeDuration.ToTimeSpan() > TimeSpan.Zero);
        Assert.True(final.Cost.ComputeDuration.ToTimeSpan() <= final.RunDuration.ToTimeSpan());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Progress_within_an_iteration_is_told_to_those_who_ask(bool asked)
    {
        AlignmentSpec spec = Spec("args");
        spec.EnergySearch = new EnergySearchParameters { Iterations = 1 };
        spec.Updates = new UpdateOptions { IncludeText = true, IncludeTokenIds = true, IncludeProgress = asked };
        List<StreamAlignResponse> events = await Server.StreamAsync(spec);

        Assert.Equal(Enumerable.Range(0, events.Count).Select(number => (long)number), events.Select(next => next.Sequence));
        Assert.Equal(1, events.Count(next => next.EventCase == Event.Iteration));
        Assert.Null(events.Single(next => next.EventCase == Event.Iteration).Iteration.LeadingPrefix);
        AlignmentProgress[] told = [.. events.Where(next => next.EventCase == Event.Progress).Select(next => next.Progress)];
        Assert.Equal(asked, told.Length > 0);
        Assert.All(told, next => Assert.True(next.LeadingPrefix.TokenIds.Count > 0 && double.IsFinite(next.LeadingPrefix.Energy)));
        Assert.All(told, next => Assert.NotEmpty(next.Best.TokenIds));
        Assert.Equal(1, events[^1].Final.IterationsRun);
        Assert.Equal(asked, events.First(next => next.Started is not null).Started.EffectiveSpec.Updates.IncludeProgress);
    }

    [Fact]
    public async Task Each_iteration_of_a_search_that_goes_on_has_its_leading_prefix()
    {
        List<StreamAlignResponse> events = await Server.StreamAsync(Spec("beams"));
        AlignmentIteration[] iterations = [.. events.Where(next => next.Iteration is not null).Select(next => next.Iteration)];
        Assert.NotNull(iterations[0].LeadingPrefix);
        Assert.Empty(iterations[0].LeadingPrefix.TokenIds);
        Assert.True(double.IsFinite(iterations[0].LeadingPrefix.Energy));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Started_echoes_every_parameter_and_they_give_the_same_answer_again(string name)
    {
        AlignResponse first = await Server.AlignAsync(Spec(name));
        AlignmentSpec effective = first.Started.EffectiveSpec;
        Google.Protobuf.IMessage method = effective.Args as Google.Protobuf.IMessage ?? effective.ChunkBeamSearch;
        Assert.All(
            method.Descriptor.Fields.InFieldNumberOrder(), (FieldDescriptor field) =>
                Assert.True(field.Accessor.HasValue(method), field.Name));

        effective.Prompt = Spec(name).Prompt;
        Assert.Equal(first.Final.Response, (await Server.AlignAsync(effective)).Final.Response);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Prefix_and_draft_are_taken_and_the_answer_is_not_below_the_draft(string name)
    {
        AlignmentSpec spec = Spec(name);
        spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("ab") };
        spec.DraftResponse = Specs.Response("ab cd");
        AlignmentFinal final = (await Server.AlignAsync(spec)).Final;

        Assert.StartsWith("ab", final.Response.Text);
        Assert.Equal("ab cd", final.Draft.Text);
        Assert.True(final.Response.Reward >= final.Draft.Reward);
    }

    [Fact]
    public async Task One_beam_with_one_chunk_is_best_of_n()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.BestOfN = new BestOfNParameters { SampleCount = 20 };
        ScoredResponse best = (await Server.AlignAsync(spec)).Final.Response;
        spec.ChunkBeamSearch =
            new ChunkBeamSearchParameters { BeamWidth = 1, SamplesPerBeam = 20, ChunkTokens = 1000, Temperature = 1, TopK = 0 };
        ScoredResponse beam = (await Server.AlignAsync(spec)).Final.Response;

        Assert.Equal(best.TokenIds, beam.TokenIds);
        Assert.Equal(best.Reward, beam.Reward, 1e-3);
    }

    private static AlignmentSpec Spec(string name)
    {
        AlignmentSpec spec = Specs.Sea();
        Methods[name](spec);
        return spec;
    }
}
