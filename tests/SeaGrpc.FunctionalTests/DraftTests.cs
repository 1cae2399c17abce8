using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.V1;
using Event = SeaGrpc.V1.StreamAlignResponse.EventOneofCase;
using StopReason = SeaGrpc.V1.StopReason;

namespace SeaGrpc.FunctionalTests;

/// <summary>Callers' drafts and prefixes over the wire, on the embedded models.</summary>
public sealed class DraftTests(DraftTests.EmbeddedServer embedded) : IClassFixture<DraftTests.EmbeddedServer>
{
    private const string Draft =
        "Thank you for your message about your leaking kettle. We are sorry about this. A careless expert will check it someday. The "
        + "repair is expensive this time. Your data will stay public. Our team will answer your calls.";

    private static readonly Dictionary<string, Action<AlignmentSpec>> Methods = new()
    {
        ["sea"] = spec => spec.Sea = new SeaParameters { Iterations = 3 },
        ["sea, langevin"] = spec => spec.Sea = new SeaParameters { Preset = SeaPreset.Langevin, Chains = 2, Iterations = 2 },
        ["best_of_n"] = spec => spec.BestOfN = new BestOfNParameters { SampleCount = 3 },
        ["args"] = spec => spec.Args = new ArgsParameters { Candidates = 3 },
        ["chunk_beam_search"] = spec =>
            spec.ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 1, SamplesPerBeam = 2, ChunkTokens = 30 },
    };

    public static TheoryData<string> Names => [.. Methods.Keys];

    private RunningServer Server => embedded.Server;

    [Fact]
    public async Task Sixteen_calls_at_once_with_half_a_second_and_a_draft_are_all_answered()
    {
        AlignResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(index =>
        {
            AlignmentSpec spec = Spec("sea", index);
            spec.Sea = new SeaParameters();
            return Server.AlignAsync(spec, new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(500)));
        }));

        Assert.All(responses, response =>
        {
            Assert.NotEmpty(response.Started.AlignmentId);
            Assert.Equal(Draft, response.Final.Draft.Text);
            Assert.NotEmpty(response.Final.Response.Text);
            Assert.True(response.Final.Response.Unscored || response.Final.Response.Reward >= response.Final.Draft.Reward);
        });
    }

    [Fact]
    public async Task A_call_with_a_tenth_of_a_second_and_a_draft_is_answered()
    {
        AlignResponse response = await Server.AlignAsync(Spec("sea"), new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(100)));
        Assert.Equal(Draft, response.Final.Draft.Text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_time_limit_is_answered_with_the_draft_by_every_method(string name)
    {
        AlignmentSpec spec = Spec(name);
        spec.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(60));
        List<StreamAlignResponse> events = await Server.StreamAsync(spec);

        AlignmentFinal final = events[^1].Final;
        Assert.Equal(Draft, final.Draft.Text);
        Assert.Equal(final.Draft.Unscored, events.TrueForAll(next => next.EventCase != Event.Draft));
        Assert.Single(events, next => next.EventCase == Event.Started);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_draft_whose_reward_is_sufficient_comes_back_unchanged(string name)
    {
        AlignmentSpec spec = Spec(name);
        spec.SufficientReward = -1000;
        List<StreamAlignResponse> events = await Server.StreamAsync(spec);

        Assert.Equal([Event.Started, Event.Draft, Event.Final], events.Select(next => next.EventCase));
        Assert.Equal(-1000, events[0].Started.EffectiveSpec.SufficientReward);
        AlignmentFinal final = events[^1].Final;
        Assert.Equal((StopReason.SufficientReward, 0), (final.StopReason, final.IterationsRun));
        Assert.Equal(Draft, final.Response.Text);
        Assert.False(final.Response.Unscored);
    }

    [Theory]
    [MemberData(nameof(Names))]
    [InlineData("energy_search")]
    public async Task A_draft_stays_until_an_answer_gains_enough_reward(string name)
    {
        AlignmentSpec spec = Spec(name == "energy_search" ? "sea" : name);
        if (name == "energy_search")
        {
            spec.EnergySearch = new EnergySearchParameters { Iterations = 3 };
        }

        AlignmentFinal whole = (await Server.AlignAsync(spec)).Final;
        double gain = whole.Response.Reward - whole.Draft.Reward;
        Assert.NotEqual(Draft, whole.Response.Text);
        Assert.True(gain > 0);

        spec.MinRewardGain = gain / 2;
        AlignmentFinal better = (await Server.AlignAsync(spec)).Final;
        Assert.Equal((whole.Response, whole.Iteration), (better.Response, better.Iteration));

        spec.MinRewardGain = 1000;
        spec.Updates = new UpdateOptions { IncludeText = true, IncludeProgress = true };
        List<StreamAlignResponse> events = await Server.StreamAsync(spec);
        AlignmentFinal kept = events[^1].Final;
        Assert.Equal(spec.MinRewardGain, events[0].Started.EffectiveSpec.MinRewardGain);
        Assert.Equal((whole.Draft, 0, 0), (kept.Response, kept.Iteration, kept.ChangedSpans.Count));
        Assert.Equal(
            (whole.Cost.PolicyTokens, whole.Cost.RewardTokens, whole.StopReason, whole.IterationsRun),
            (kept.Cost.PolicyTokens, kept.Cost.RewardTokens, kept.StopReason, kept.IterationsRun));
        Assert.All(events.Where(next => next.EventCase == Event.Iteration), next => Assert.Equal(Draft, next.Iteration.Best.Text));
        Assert.All(events.Where(next => next.EventCase == Event.Progress), next => Assert.Equal(Draft, next.Progress.Best.Text));
    }

    [Fact]
    public async Task A_draft_that_a_given_response_beats_is_given_up_for_less()
    {
        AlignmentSpec spec = Spec("sea");
        spec.EnergySearch = new EnergySearchParameters { Iterations = 3 };
        AlignmentFinal whole = (await Server.AlignAsync(spec)).Final;
        double gain = whole.Response.Reward - whole.Draft.Reward;
        spec.MinRewardGain = 1000;
        spec.BeatenDraftGain = gain / 2;

        Assert.Equal(Draft, (await Server.AlignAsync(spec)).Final.Response.Text);

        AlignmentSpec beaten = spec.Clone();
        beaten.AlternativeResponses.Add(Specs.Response(whole.Response.Text));
        AlignResponse given = await Server.AlignAsync(beaten);
        Assert.InRange(given.Final.Response.Energy, double.MinValue, whole.Response.Energy);
        Assert.Equal((1000, gain / 2), (given.Started.EffectiveSpec.MinRewardGain, given.Started.EffectiveSpec.BeatenDraftGain));

        beaten.BeatenDraftGain = 1000;
        Assert.Equal(Draft, (await Server.AlignAsync(beaten)).Final.Response.Text);
        beaten.ClearBeatenDraftGain();
        Assert.Equal(Draft, (await Server.AlignAsync(beaten)).Final.Response.Text);
    }

    [Fact]
    public async Task A_draft_that_a_known_response_beats_is_given_up_for_less()
    {
        AlignmentSpec spec = Spec("sea");
        spec.EnergySearch = new EnergySearchParameters { Iterations = 3 };
        AlignmentFinal whole = (await Server.AlignAsync(spec)).Final;
        using var folder = new TemporaryFolder();
        string file = folder.File("known.txt");
        File.WriteAllText(file, whole.Response.Text + "\n");
        await using RunningServer server = await EmbeddedServer.StartAsync($"Models:KnownResponses={file}");
        spec.MinRewardGain = 1000;
        spec.BeatenDraftGain = (whole.Response.Reward - whole.Draft.Reward) / 2;

        Assert.NotEqual(Draft, (await server.AlignAsync(spec)).Final.Response.Text);

        spec.EnergySearch.KnownResponses = false;
        Assert.Equal(Draft, (await server.AlignAsync(spec)).Final.Response.Text);
    }

    [Fact]
    public async Task The_operator_sets_how_much_reward_an_answer_must_gain()
    {
        AlignmentSpec spec = Spec("best_of_n");
        await using RunningServer server = await EmbeddedServer.StartAsync("Models:MinRewardGain=1000");
        AlignResponse kept = await server.AlignAsync(spec);
        Assert.Equal((Draft, 1000), (kept.Final.Response.Text, kept.Started.EffectiveSpec.MinRewardGain));

        spec.MinRewardGain = 0;
        Assert.NotEqual(Draft, (await server.AlignAsync(spec)).Final.Response.Text);

        spec.ClearMinRewardGain();
        spec.DraftResponse = null;
        AlignResponse sampled = await server.AlignAsync(spec);
        Assert.False(sampled.Started.EffectiveSpec.HasMinRewardGain);
        Assert.False(sampled.Started.EffectiveSpec.HasBeatenDraftGain);
        Assert.True(sampled.Final.Response.Reward > sampled.Final.Draft.Reward);
    }

    [Theory]
    [InlineData("sea")]
    [InlineData("energy_search")]
    public async Task A_run_ends_at_the_first_answer_whose_reward_is_sufficient(string name)
    {
        AlignmentSpec spec = name == "energy_search" ? Spec("sea") : Spec(name);
        if (name == "energy_search")
        {
            spec.EnergySearch = new EnergySearchParameters();
        }

        spec.SufficientReward = 1000;
        AlignmentFinal whole = (await Server.AlignAsync(spec)).Final;
        Assert.NotEqual(StopReason.SufficientReward, whole.StopReason);
        Assert.True(whole.Response.Reward > whole.Draft.Reward);

        spec.SufficientReward = whole.Draft.Reward + ((whole.Response.Reward - whole.Draft.Reward) / 2);
        AlignmentFinal sufficient = (await Server.AlignAsync(spec)).Final;

        Assert.Equal(StopReason.SufficientReward, sufficient.StopReason);
        Assert.InRange(sufficient.Response.Reward, spec.SufficientReward, double.MaxValue);
        Assert.True(sufficient.IterationsRun <= whole.IterationsRun);
        Assert.True(
            sufficient.Cost.PolicyTokens + sufficient.Cost.RewardTokens <= whole.Cost.PolicyTokens + whole.Cost.RewardTokens);
    }

    [Fact]
    public async Task The_energy_search_starts_from_the_callers_best_response()
    {
        AlignmentSpec spec = Spec("sea");
        spec.EnergySearch = new EnergySearchParameters();
        string good = (await Server.AlignAsync(spec)).Final.Response.Text;
        Assert.NotEqual(Draft, good);

        spec.AlternativeResponses.AddRange([Specs.Response(Draft), Specs.Response(good)]);
        spec.SufficientReward = -1000;
        AlignmentFinal unchanged = (await Server.AlignAsync(spec)).Final;
        Assert.Equal(Draft, unchanged.Response.Text);

        spec.ClearSufficientReward();
        spec.EnergySearch.Iterations = 1;
        AlignResponse answer = await Server.AlignAsync(spec);
        Assert.Empty(answer.Started.EffectiveSpec.AlternativeResponses);
        Assert.Equal(Draft, answer.Final.Draft.Text);
        Assert.Equal((good, 0), (answer.Final.Response.Text, answer.Final.Iteration));
    }

    [Fact]
    public async Task The_energy_search_starts_from_what_the_operator_knows()
    {
        AlignmentSpec spec = Spec("sea");
        spec.EnergySearch = new EnergySearchParameters();
        string good = (await Server.AlignAsync(spec)).Final.Response.Text;
        using var folder = new TemporaryFolder();
        string file = folder.File("known.txt");
        await File.WriteAllTextAsync(file, $"Our team will call you.\n\n{good}\n{Draft}\n", TestContext.Current.CancellationToken);
        await using RunningServer server = await EmbeddedServer.StartAsync($"Models:KnownResponses={file}");

        spec.EnergySearch.Iterations = 1;
        AlignmentFinal final = (await server.AlignAsync(spec)).Final;
        Assert.Equal((Draft, good, 0), (final.Draft.Text, final.Response.Text, final.Iteration));

        spec.MaxResponseTokens = final.Draft.TokenIds.Count + 1;
        spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("Thank you") };
        Assert.StartsWith("Thank you", (await server.AlignAsync(spec)).Final.Response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_does_not_read_what_one_of_the_same_prompt_has_read_and_answers_as_alone()
    {
        AlignmentSpec spec = Spec("sea", seed: 2);
        spec.EnergySearch = new EnergySearchParameters { Iterations = 2 };
        spec.AlternativeResponses.Add(Specs.Response("We are sorry. Our team will call you."));
        AlignmentFinal alone = (await Server.AlignAsync(spec)).Final;
        AlignmentSpec longer = spec.Clone();
        longer.EnergySearch = new EnergySearchParameters
        {
            Acceptance = EnergySearchAcceptance.Metropolis,
            Iterations = 1000,
            BudgetTokens = 0,
        };
        using AsyncServerStreamingCall<StreamAlignResponse> other = Server.Alignment.StreamAlign(new StreamAlignRequest { Spec = longer });
        while (await other.ResponseStream.MoveNext(default) && other.ResponseStream.Current.EventCase != Event.Iteration)
        {
        }

        AlignmentFinal beside = (await Server.AlignAsync(spec)).Final;

        Assert.Equal(alone.Response, beside.Response);
        Assert.Equal((alone.Cost.PolicyTokens, alone.Cost.RewardTokens), (beside.Cost.PolicyTokens, beside.Cost.RewardTokens));
        Assert.InRange(beside.Cost.ReusedTokens, alone.Cost.ReusedTokens + 1, beside.Cost.PolicyTokens + beside.Cost.RewardTokens);
    }

    [Fact]
    public async Task An_alternative_must_start_with_a_fixed_prefix()
    {
        AlignmentSpec spec = Spec("sea");
        spec.DraftResponse = null;
        spec.EnergySearch = new EnergySearchParameters();
        spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("Thank you") };
        spec.AlternativeResponses.AddRange([Specs.Response(Draft), Specs.Response("We are sorry")]);

        RpcException failure = await Failures.OfAsync(() => Server.AlignAsync(spec));

        failure.AssertIs(StatusCode.InvalidArgument, "INVALID_VALUE");
        Assert.Equal(
            ["spec.alternative_responses[1]", "spec.response_prefix.content"], failure.Violations().Select(violation => violation.Field));
    }

    [Fact]
    public async Task An_unscored_draft_has_no_figures()
    {
        await using RunningServer server = await RunningServer.StartAsync(_ => new Testing.Runs.ScriptedRun
        {
            DecodeSteps = int.MaxValue,
            OnAdvance = _ => Thread.Sleep(5),
        });
        AlignmentSpec spec = Specs.Sea();
        spec.DraftResponse = Specs.Response("Fine.");
        spec.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(50));

        List<StreamAlignResponse> events = await server.StreamAsync(spec);

        Assert.Equal([Event.Started, Event.Final], events.Select(next => next.EventCase));
        AlignmentFinal final = events[^1].Final;
        Assert.Equal(StopReason.TimeLimit, final.StopReason);
        var expected = new ScoredResponse
        {
            Text = "Fine.",
            TokenIds = { "Fine."u8.ToArray().Select(id => (int)id) },
            EndsWithEos = true,
            Unscored = true,
        };
        Assert.Equal(expected, final.Response);
        Assert.Equal(expected, final.Draft);
        Assert.Empty(final.ChangedSpans);
    }

    [Theory]
    [InlineData(StopReason.Cancelled)]
    [InlineData(StopReason.Draining)]
    [InlineData(StopReason.TimeLimit)]
    public async Task A_call_that_ends_in_the_queue_answers_with_its_draft(StopReason reason)
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, "Engine:MaxConcurrentJobs=1");
        using AsyncServerStreamingCall<StreamAlignResponse> first = server.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = Specs.Sea() });
        await first.ResponseStream.MoveNext(default);
        AlignmentSpec spec = Specs.Sea();
        spec.DraftResponse = Specs.Response("Fine.");
        spec.RequestId = "waiting";
        spec.QueueTimeout = Duration.FromTimeSpan(reason == StopReason.TimeLimit ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromMinutes(5));
        Task<List<StreamAlignResponse>> waiting = server.StreamAsync(spec);
        Task end = Task.CompletedTask;
        if (reason != StopReason.TimeLimit)
        {
            await Idle.UntilAsync(() => server.Models.Engine.QueuedJobs == 1);
            end = reason == StopReason.Draining
                ? server.StopAsync()
                : server.Alignment.CancelAlignmentAsync(new CancelAlignmentRequest { RequestId = "waiting" }).ResponseAsync;
        }

        List<StreamAlignResponse> events = await waiting;

        Assert.Equal([Event.Queued, Event.Started, Event.Final], events.Select(next => next.EventCase));
        AlignmentFinal final = events[^1].Final;
        Assert.Equal((reason, "Fine.", true), (final.StopReason, final.Response.Text, final.Response.Unscored));
        runs.Gate.Open();
        await end;
    }

    [Fact]
    public async Task A_draft_that_others_leave_no_time_for_is_refused_at_once_and_may_be_sent_again()
    {
        using var gate = new Testing.Runs.Gate();
        await using RunningServer server = await RunningServer.StartAsync(
            task => new Testing.Runs.ScriptedRun
            {
                Iterations = 1,
                OnAdvance = _ =>
                {
                    Thread.Sleep(100); // For some 15 tokens.
                    if (task.Seed == 99)
                    {
                        gate.Pass();
                    }
                },
            },
            "Engine:MaxConcurrentJobs=1");
        for (int index = 0; index < 4; index++)
        {
            await server.AlignAsync(WithDraft(1));
        }

        AlignmentSpec holding = WithDraft(1);
        holding.Seed = 99;
        Task<AlignResponse> held = server.AlignAsync(holding);
        await gate.ArrivalAsync();
        Task<AlignResponse> sooner = server.AlignAsync(WithDraft(200), Within(3));
        await Idle.UntilAsync(() => server.Models.Engine.QueuedJobs == 1);

        // Time for one of the two.
        RpcException refused = await Failures.OfAsync(() => server.AlignAsync(WithDraft(200), Within(3.05)));
        refused.AssertIs(StatusCode.ResourceExhausted, "TOO_LITTLE_TIME");
        refused.AssertRetryable();
        (await Failures.OfAsync(() => server.AlignAsync(WithDraft(200), Within(1))))
            .AssertIs(StatusCode.DeadlineExceeded, "TOO_LITTLE_TIME");
        gate.Open();
        Assert.Equal(StopReason.Iterations, (await sooner).Final.StopReason);
        await held;

        static CallOptions Within(double seconds) => new(deadline: DateTime.UtcNow.AddSeconds(seconds));

        static AlignmentSpec WithDraft(int tokens)
        {
            AlignmentSpec spec = Specs.Sea();
            spec.MaxResponseTokens = 256;
            spec.DraftResponse = Specs.Response(new string('a', tokens));
            return spec;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_draft_that_does_not_start_with_a_fixed_prefix_is_refused_with_both_fields(string name)
    {
        AlignmentSpec spec = Spec(name);
        spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("We are sorry") };

        RpcException failure = await Failures.OfAsync(() => Server.AlignAsync(spec));

        failure.AssertIs(StatusCode.InvalidArgument, "INVALID_VALUE");
        Assert.Equal(["spec.draft_response", "spec.response_prefix.content"], failure.Violations().Select(violation => violation.Field));
        Assert.All(
            failure.Violations(), violation =>
                Assert.Contains("a draft must start with a fixed prefix", violation.Description, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_answer_starts_with_a_fixed_prefix_though_the_draft_is_cut_elsewhere_into_tokens(string name)
    {
        AlignmentSpec spec = Spec(name, seed: 3);
        const string Prefix = "Thank you for your mess";
        spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response(Prefix) };
        AlignmentFinal final = (await Server.AlignAsync(spec)).Final;
        Assert.StartsWith(Prefix, final.Response.Text, StringComparison.Ordinal);
        Assert.Equal(Draft, final.Draft.Text);

        spec.DraftResponse = new ResponseContent { TokenIds = new TokenIds { Ids = { final.Draft.TokenIds } } };
        Assert.StartsWith(Prefix, (await Server.AlignAsync(spec)).Final.Response.Text, StringComparison.Ordinal);
        spec.DraftResponse.TokenIds.Ids.RemoveAt(0);
        Assert.Equal(2, (await Failures.OfAsync(() => Server.AlignAsync(spec))).Violations().Count);
    }

    [Fact]
    public async Task A_draft_need_not_start_with_an_open_prefix()
    {
        AlignmentSpec spec = Spec("sea");
        spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("We are sorry"), Mode = PrefixMode.Open };
        Assert.Equal(Draft, (await Server.AlignAsync(spec)).Final.Draft.Text);
    }

    [Theory]
    [InlineData(20, 128)]
    [InlineData(120, 166)]
    [InlineData(300, 391)]
    [InlineData(390, 464)] // What the models have room for.
    public async Task A_limit_that_is_not_named_holds_the_draft_and_some_room(int tokens, int limit)
    {
        int[] ids = (await Server.AlignAsync(Spec("sea"))).Final.Draft.TokenIds.ToArray();
        int[] longer = [.. Enumerable.Range(0, tokens).Select(index => ids[index % ids.Length])];
        AlignmentSpec spec = Spec("sea");
        spec.Prompt = new Prompt { TokenIds = new TokenIds { Ids = { ids.Take(50) } } };
        spec.Sea.Iterations = 1;
        spec.Sea.DraftSamples = 0;
        spec.DraftResponse = new ResponseContent { TokenIds = new TokenIds { Ids = { longer } } };

        AlignResponse response = await Server.AlignAsync(spec);

        Assert.Equal(limit, response.Started.EffectiveSpec.MaxResponseTokens);
        Assert.Equal(longer, response.Final.Draft.TokenIds);
    }

    [Fact]
    public async Task A_prefix_longer_than_the_default_limit_is_taken()
    {
        AlignmentSpec spec = Spec("sea");
        int[] ids = (await Server.AlignAsync(Spec("sea"))).Final.Draft.TokenIds.ToArray();
        spec.DraftResponse = null;
        spec.Args = new ArgsParameters { Candidates = 2, SampleDraft = false };
        spec.ResponsePrefix = new ResponsePrefix
        {
            Content = new ResponseContent
            {
                TokenIds = new TokenIds { Ids = { Enumerable.Range(0, 140).Select(index => ids[index % ids.Length]) } },
            },
        };
        AlignResponse response = await Server.AlignAsync(spec);
        Assert.Equal(191, response.Started.EffectiveSpec.MaxResponseTokens);
    }

    [Fact]
    public async Task A_draft_beyond_what_the_models_read_names_the_most()
    {
        int[] ids = (await Server.AlignAsync(Spec("sea"))).Final.Draft.TokenIds.ToArray();
        AlignmentSpec spec = Spec("sea");
        spec.DraftResponse =
            new ResponseContent { TokenIds = new TokenIds { Ids = { Enumerable.Range(0, 505).Select(index => ids[index % ids.Length]) } } };
        RpcException failure = await Failures.OfAsync(() => Server.AlignAsync(spec));
        failure.AssertIs(StatusCode.InvalidArgument, "TOO_LONG");
        Assert.Equal("spec.draft_response", failure.Violations().Single().Field);
    }

    [Fact]
    public async Task The_samples_beside_a_draft_are_echoed()
    {
        Assert.Equal(4, (await Samples(new SeaParameters())));
        Assert.Equal(0, (await Samples(new SeaParameters { DraftSamples = 0 })));
        Assert.Equal(3, (await Samples(new SeaParameters { Preset = SeaPreset.Langevin })));
        Assert.Equal(1, (await Samples(new SeaParameters { Preset = SeaPreset.Paper, Chains = 2 })));
        Assert.Equal(0, (await Samples(new SeaParameters { Preset = SeaPreset.Paper, DraftSamples = 0 })));

        async Task<int> Samples(SeaParameters sea)
        {
            AlignmentSpec spec = Spec("sea");
            sea.Iterations = 1;
            spec.Sea = sea;
            return (await Server.AlignAsync(spec)).Started.EffectiveSpec.Sea.DraftSamples;
        }
    }

    [Fact]
    public async Task An_answer_that_is_not_ended_fills_the_limit()
    {
        AlignmentSpec spec = Spec("sea");
        spec.DraftResponse = null;
        List<AlignmentFinal> finals = [];
        foreach (int limit in (int[])[8, 64])
        {
            spec.MaxResponseTokens = limit;
            foreach (SeaPreset preset in (SeaPreset[])[SeaPreset.Default, SeaPreset.Paper])
            {
                spec.Sea = new SeaParameters { Preset = preset, Iterations = 3 };
                AlignmentFinal final = (await Server.AlignAsync(spec)).Final;
                Assert.Equal(final.Response.EndsWithEos, final.Response.TokenIds.Count < limit);
                finals.Add(final);
            }
        }

        Assert.Contains(finals, final => final.Response.EndsWithEos);
        Assert.Contains(finals, final => !final.Response.EndsWithEos);
    }

    [Theory]
    [InlineData(null)]
    [MemberData(nameof(Names))]
    public async Task A_draft_that_the_policy_does_not_understand_comes_back_as_it_is_and_the_reason_says_so(string? name)
    {
        const string Foreign = "Paris is the capital of France.";
        AlignmentSpec spec = Spec(name ?? "sea");
        spec.DraftResponse = Specs.Response(Foreign);
        if (name is null)
        {
            spec.ClearMethod();
        }

        AlignmentFinal final = (await Server.AlignAsync(spec)).Final;

        Assert.Equal(StopReason.DraftNotUnderstood, final.StopReason);
        Assert.Equal((Foreign, Foreign), (final.Response.Text, final.Draft.Text));
        Assert.Equal((0, 0), (final.Iteration, final.IterationsRun));
        Assert.Empty(final.ChangedSpans);
        Assert.False(final.Response.Unscored);
    }

    [Fact]
    public async Task The_most_fluency_that_may_be_lost_is_echoed_and_is_no_limit_unless_there_is_a_draft()
    {
        AlignmentSpec spec = Spec("sea");
        Assert.Equal(0.5, (await EchoedAsync()).MaxFluencyLoss);
        spec.Sea.MaxFluencyLoss = 100;
        Assert.Equal(100, (await EchoedAsync()).MaxFluencyLoss);
        spec.DraftResponse = null;
        spec.Sea.MaxFluencyLoss = 0.2;
        Assert.Equal(0.2, (await EchoedAsync()).MaxFluencyLoss);
        spec.Sea.ClearMaxFluencyLoss();
        Assert.Equal(100, (await EchoedAsync()).MaxFluencyLoss);

        async Task<SeaParameters> EchoedAsync() => (await Server.AlignAsync(spec)).Started.EffectiveSpec.Sea;
    }

    private static AlignmentSpec Spec(string method, int seed = 1)
    {
        var spec = new AlignmentSpec
        {
            Prompt = Specs.Chat((Role.User, "My kettle is leaking, what can you do?")),
            DraftResponse = Specs.Response(Draft),
            Seed = (ulong)seed,
        };
        Methods[method](spec);
        return spec;
    }

    /// <summary>A server with the embedded models.</summary>
    public sealed class EmbeddedServer : IAsyncLifetime
    {
        public RunningServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await StartAsync();
        }

        public static Task<RunningServer> StartAsync(params string[] settings)
        {
            string models = Path.Combine(AppContext.BaseDirectory, "models");
            return RunningServer.StartAsync(
                null,
                [
                    $"Models:Policy={Path.Combine(models, "tiny-policy")}",
                    $"Models:Reward={Path.Combine(models, "tiny-reward")}",
                    .. settings,
                ]);
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
