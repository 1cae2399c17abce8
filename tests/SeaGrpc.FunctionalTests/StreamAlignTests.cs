using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;
using Event = SeaGrpc.V1.StreamAlignResponse.EventOneofCase;

namespace SeaGrpc.FunctionalTests;

[Collection(SharedServerTests.Name)]
public sealed class StreamAlignTests(SharedServer shared)
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Events_come_in_order_numbered_without_gaps()
    {
        List<StreamAlignResponse> events = await Server.StreamAsync(Specs.Sea(iterations: 5));

        Assert.Equal(Enumerable.Range(0, events.Count).Select(number => (long)number), events.Select(next => next.Sequence));
        Assert.Equal([Event.Started, Event.Draft], events.Take(2).Select(next => next.EventCase));
        Assert.All(events.Skip(2).SkipLast(1), next => Assert.Equal(Event.Iteration, next.EventCase));
        Assert.Equal(Event.Final, events[^1].EventCase);
        int[] indices = [.. events.Where(next => next.Iteration is not null).Select(next => next.Iteration.Index)];
        Assert.Equal(indices.Order(), indices);
        Assert.Equal(StopReason.Iterations, events[^1].Final.StopReason);
    }

    [Fact]
    public async Task Started_echoes_every_default_and_the_seed()
    {
        var spec = new AlignmentSpec
        {
            Prompt = Specs.Text("Hi"),
            Sea = new SeaParameters
            {
                Preset = SeaPreset.Paper,
                Iterations = 1,
                Chains = 1,
            },
        };
        AlignmentStarted started = (await Server.StreamAsync(spec))[0].Started;

        AlignmentSpec effective = started.EffectiveSpec;
        Assert.All(SeaParameters.Descriptor.Fields.InFieldNumberOrder().Where(field => field.Name != "preset"), field =>
            Assert.True(field.Accessor.HasValue(effective.Sea), field.Name));
        Assert.Equal(
            (SeaStep.Plain, 10, SeaNoise.Paper, false),
            (effective.Sea.Step, effective.Sea.StepSize, effective.Sea.Noise, effective.Sea.KeepBest));
        Assert.True(effective.HasSeed);
        Assert.True(effective.HasMaxResponseTokens);
        Assert.Equal(("policy", "reward"), (effective.PolicyModel, effective.RewardModel));
        Assert.NotNull(effective.QueueTimeout);
        Assert.True(effective.Updates.HasIncludeText);
        Assert.Null(effective.Prompt);
        Assert.NotEmpty(started.AlignmentId);
        Assert.Equal(2, started.PromptTokens);
    }

    [Fact]
    public async Task The_effective_spec_gives_the_same_answer_again()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.ClearSeed();
        AlignResponse first = await Server.AlignAsync(spec);

        AlignmentSpec again = first.Started.EffectiveSpec;
        again.Prompt = spec.Prompt;
        AlignResponse second = await Server.AlignAsync(again);

        Assert.Equal(first.Final.Response, second.Final.Response);
    }

    [Fact]
    public async Task Chains_tell_what_was_asked_for_and_no_more()
    {
        AlignmentSpec spec = Specs.Sea(iterations: 4, chains: 3);
        ChainState bare = (await Server.StreamAsync(spec))[1].Draft.Chains[0];
        Assert.False(bare.HasText);
        Assert.Empty(bare.TokenIds);
        Assert.Empty(bare.KlPerToken);

        spec.Updates = new UpdateOptions
        {
            EveryNIterations = 2,
            Chains = { 1 },
            IncludeText = true,
            IncludeTokenIds = true,
            IncludeChangedSpans = true,
            IncludeKlPerToken = true,
        };
        List<StreamAlignResponse> events = await Server.StreamAsync(spec);
        string draft = events[1].Draft.Chains.Single().Text;
        Assert.All(events.Where(next => next.Iteration is not null), next =>
        {
            Assert.Equal(0, next.Iteration.Index % 2);
            ChainState chain = next.Iteration.Chains.Single();
            Assert.Equal(1, chain.Chain);
            Assert.True(chain.HasText);
            Assert.True(chain.HasGradientNorm);
            Assert.True(chain.HasKlToReference);
            Assert.NotEmpty(chain.KlPerToken);
            Assert.Equal(draft == chain.Text, chain.ChangedSpans.Count == 0);
        });
    }

    [Fact]
    public async Task The_answer_never_scores_below_its_draft()
    {
        AlignmentFinal final = (await Server.StreamAsync(Specs.Sea(iterations: 10)))[^1].Final;
        Assert.True(final.Response.Reward >= final.Draft.Reward);
        Assert.True(final.Cost.ForwardPasses > 0 && final.Cost.BackwardPasses > 0);
        Assert.True(final.RunDuration.ToTimeSpan() > TimeSpan.Zero);
        Assert.Equal(10, final.IterationsRun);
    }

    [Fact]
    public async Task Every_form_of_prompt_and_response_is_read()
    {
        foreach (Prompt prompt in new[] { Specs.Chat((Role.System, "Be kind."), (Role.User, "Hi")), Specs.Text(
            "Grüße 👋"), new Prompt { TokenIds = new TokenIds { Ids = { 72, 105 } } } })
        {
            AlignmentSpec spec = Specs.Sea();
            spec.Prompt = prompt;
            spec.DraftResponse = Specs.Response("ab cd");
            spec.ResponsePrefix =
                new ResponsePrefix { Content = new ResponseContent { TokenIds = new TokenIds { Ids = { 97 } } }, Mode = PrefixMode.Fixed };
            AlignResponse response = await Server.AlignAsync(spec);
            Assert.StartsWith("a", response.Final.Response.Text);
        }
    }

    [Fact]
    public async Task Without_a_method_the_energy_search_runs_with_its_defaults()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.ClearMethod();
        AlignResponse response = await Server.AlignAsync(spec);

        GetServerInfoResponse info = await Server.Info.GetServerInfoAsync(new GetServerInfoRequest());
        Assert.Equal("energy_search", info.DefaultMethod);
        Assert.Equal(info.Defaults.EnergySearch, response.Started.EffectiveSpec.EnergySearch);
        Assert.True(response.Final.Response.Energy <= response.Final.Draft.Energy);
    }

    [Fact]
    public async Task Best_of_n_and_base_answer_too()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.BestOfN = new BestOfNParameters { SampleCount = 4 };
        AlignResponse best = await Server.AlignAsync(spec);
        spec.Base = new BaseParameters();
        AlignResponse sample = await Server.AlignAsync(spec);

        Assert.Equal(4, best.Started.EffectiveSpec.BestOfN.SampleCount);
        Assert.Equal(AlignmentSpec.MethodOneofCase.Base, sample.Started.EffectiveSpec.MethodCase);
        Assert.Equal(sample.Final.Draft, sample.Final.Response);
    }
}
