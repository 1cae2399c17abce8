using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>
/// What a run has read of responses, other runs with the same prompt do not read; whether or not its models have layers in common.
/// </summary>
public sealed class JobsOfOnePromptTests : IDisposable
{
    private const long Room = 64 << 20;
    private static readonly int[] Draft = [65, 66, 67, 68, 69, 70];
    private static readonly int[][] Others = [[70, 71], [90, 91, 92], [67, 66, 65, 64, 63]];
    private static readonly EnergySearchParameters Search =
        new() { BeamWidth = 3, Candidates = 5, Iterations = 3, MaxFluencyLoss = 100, Widenings = 0 };

    private static readonly Dictionary<string, AlignmentTask> Tasks = new()
    {
        ["energy_search"] = Runs.Task(Search),
        ["energy_search from a draft"] = Runs.Task(Search) with { Draft = Draft },
        ["energy_search from several"] = Runs.Task(Search) with { Draft = Draft, Alternatives = Others },
        ["sea"] = Runs.Task(new SeaParameters { Chains = 2, Iterations = 3, Proposals = 6 }) with { Draft = Draft },
    };

    private readonly TemporaryFolder _folder = new();
    private AlignmentModels _models = TinyModels.Load(3);

    public static TheoryData<string, int> Names
    {
        get
        {
            var names = new TheoryData<string, int>();
            foreach (string name in Tasks.Keys)
            {
                Array.ForEach([0, 1, CommonLayers.All], layers => names.Add(name, layers));
            }

            return names;
        }
    }

    private long Read => _models.Policy.Decoder.PositionsRead
        + _models.Rewards.SelectMany(reward => reward.Decoders).Sum(decoder => decoder.PositionsRead);

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_answer_as_apart_and_read_less(string name, int layers)
    {
        Share(layers);
        AlignmentTask task = Tasks[name];
        AlignmentTask[] tasks = [task with { Seed = 1 }, task with { Seed = 2 }];
        long start = Read;
        AlignmentOutcome[] apart = [.. tasks.Select(one => Runs.Run(_models, one).Outcome)];
        long readApart = Read - start;
        _models.KeepReadings(Room);
        start = Read;
        AlignmentOutcome[] together = Together(tasks);
        long readTogether = Read - start;

        Same(apart, together);
        Assert.True(readTogether < readApart, $"{readTogether} of {readApart} positions were read.");
        Assert.True(together[1].Cost.ReusedTokens > task.Prompt.Policy.Count + task.Prompt.Rewards[0].Prefix.Count);
        Assert.Equal(readApart - readTogether, together.Sum(one => one.Cost.ReusedTokens));
        Assert.Equal(0, _models.KeptBytes);
    }

    /// <summary>
    /// Every position that is read is one that no run has read: what is kept has as many tokens. Whatever the seeds, with other searches
    /// beside them. Without substitutions, whose gradients need passes of their own.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(CommonLayers.All)]
    public void Nothing_is_read_twice(int layers)
    {
        Share(layers);
        _models.KeepReadings(Room);
        AlignmentTask search = Runs.Task(Search with { Substitutions = false });
        ReadOnce(
            search,
            [
                .. Enumerable.Range(1, 3).Select(seed => search with { Seed = (ulong)seed }),
                .. Enumerable.Range(1, 3).Select(seed => search with { Seed = (ulong)seed, Draft = Draft, Alternatives = Others }),
                Runs.Task(new BestOfNParameters { SampleCount = 6 }),
                Runs.Task(new BestOfNParameters { SampleCount = 3 }) with { Draft = Draft, Alternatives = Others },
                Runs.Task(new ArgsParameters()) with { Draft = Draft[..4] },
            ]);
    }

    [Fact]
    public void Nothing_is_read_twice_as_text()
    {
        EncodedPrompt prompt = ReadText();
        _models.KeepReadings(Room);
        AlignmentTask search = Runs.Task(Search with { Substitutions = false }) with { Prompt = prompt };
        AlignmentTask samples = Runs.Task(new BestOfNParameters { SampleCount = 5 }) with { Prompt = prompt };
        ReadOnce(
            search,
            [
                .. Enumerable.Range(1, 3).Select(seed => search with { Seed = (ulong)seed }),
                samples,
                samples with { Draft = Draft, Alternatives = Others },
            ]);
    }

    /// <summary>Without substitutions: passes of gradients are not shared.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(CommonLayers.All)]
    public void A_repeated_one_reads_nothing(int layers)
    {
        Share(layers);
        AlignmentTask task = Runs.Task(Search with { Substitutions = false }) with { Draft = Draft, Alternatives = Others };
        _models.KeepReadings(Room);
        using IAlignmentRun first = _models.Start(task);
        Finish(first);
        long start = Read;
        AlignmentOutcome second = Runs.Run(_models, task).Outcome;

        Assert.Equal(0, Read - start);
        Assert.Equal(second.Cost.PolicyTokens + second.Cost.RewardTokens, second.Cost.ReusedTokens);
        Same([first.Complete(first.FinishReason)], [second]);
    }

    /// <summary>A reward model of another vocabulary, whose passes follow the texts.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rewards_that_read_text_share_theirs(bool hasDraft)
    {
        EncodedPrompt prompt = ReadText();
        AlignmentTask task = Runs.Task(Search with { Substitutions = false }) with { Prompt = prompt, Draft = hasDraft ? Draft : null };
        AlignmentTask[] tasks = [task, task with { Seed = 8 }];
        AlignmentOutcome[] apart = [.. tasks.Select(one => Runs.Run(_models, one).Outcome)];
        _models.KeepReadings(Room);
        long start = Read;
        AlignmentOutcome[] together = Together(tasks);
        long readTogether = Read - start;

        Same(apart, together);
        Assert.Equal(
            readTogether, together.Sum(one => one.Cost.PolicyTokens + one.Cost.RewardTokens - one.Cost.ReusedTokens));
        Assert.True(together[1].Cost.ReusedTokens > prompt.Policy.Count + prompt.Rewards[0].Prefix.Count);
        Assert.Equal(0, _models.KeptBytes);

        using IAlignmentRun holder = _models.Start(task);
        Finish(holder);
        start = Read;
        AlignmentOutcome again = Runs.Run(_models, task).Outcome;
        Assert.Equal(0, Read - start);
        Same([apart[0]], [again]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void With_little_room_they_answer_the_same_and_the_room_is_kept_to(int layers)
    {
        Share(layers);
        AlignmentTask[] tasks = [.. Enumerable.Range(1, 3).Select(seed => Runs.Task(Search, (ulong)seed) with { Draft = Draft })];
        AlignmentOutcome[] apart = [.. tasks.Select(one => Runs.Run(_models, one).Outcome)];
        foreach (long room in (long[])[1, 4096, 65536])
        {
            _models.KeepReadings(room);
            Same(apart, Together(tasks, () => Assert.InRange(_models.KeptBytes, 0, room)));
            Assert.Equal(0, _models.KeptBytes);
        }
    }

    [Fact]
    public void Room_that_is_taken_away_is_free_at_once()
    {
        _models.KeepReadings(Room);
        using IAlignmentRun run = _models.Start(Runs.Task(Search) with { Draft = Draft });
        run.Advance();
        run.Advance();
        Assert.True(_models.KeptBytes > 1000);
        _models.KeepReadings(1000);
        Assert.InRange(_models.KeptBytes, 0, 1000);
        Finish(run);
        Assert.InRange(_models.KeptBytes, 0, 1000);
    }

    [Fact]
    public void Other_prompts_share_nothing()
    {
        AlignmentTask task = Runs.Task(Search) with { Draft = Draft };
        AlignmentTask other = task with { Prompt = _models.Prompts.EncodeText("abc") };
        AlignmentOutcome alone = Runs.Run(_models, other).Outcome;
        _models.KeepReadings(Room);
        AlignmentOutcome beside = Together([task, other])[1];
        Same([alone], [beside]);
        Assert.Equal(Runs.Run(_models, other).Outcome.Cost.ReusedTokens, beside.Cost.ReusedTokens);
    }

    [Fact]
    public void Many_runs_of_one_prompt_and_of_many_leave_nothing()
    {
        _models.KeepReadings(Room);
        foreach (int prompt in Enumerable.Range(0, 20))
        {
            EncodedPrompt own = _models.Prompts.EncodeText(new string((char)('a' + (prompt % 5)), 1 + (prompt / 5)));
            Together(
                [.. Enumerable.Range(0, 4).Select(
                    seed => Runs.Task(new BestOfNParameters { SampleCount = 2 }, (ulong)seed) with { Prompt = own })]);
            Assert.Equal(0, _models.KeptBytes);
        }

        using IAlignmentRun holder = _models.Start(Runs.Task(Search));
        holder.Advance();
        Runs.Run(_models, Runs.Task(Search, 1));
        long kept = _models.KeptBytes;
        for (int repeat = 0; repeat < 5; repeat++)
        {
            Runs.Run(_models, Runs.Task(Search, 1));
            Assert.Equal(kept, _models.KeptBytes);
        }
    }

    [Fact]
    public void A_run_that_reads_no_reward_leaves_one_with_common_layers_as_it_is()
    {
        Share(1);
        AlignmentTask task = Runs.Task(Search) with { Draft = Draft };
        AlignmentOutcome alone = Runs.Run(_models, task).Outcome;
        _models.KeepReadings(Room);
        AlignmentOutcome[] both = Together([task with { MixtureWeights = [0] }, task]);
        Same([alone], [both[1]]);
    }

    public void Dispose()
    {
        _models.Dispose();
        _folder.Dispose();
    }

    // Models whose lowest layers are the same, unless there are no such layers.
    private void Share(int layers)
    {
        if (layers > 0)
        {
            CommonLayers.Write(_folder, layers);
            _models.Dispose();
            _models = CommonLayers.Load(_folder);
        }
    }

    // Models with a reward that reads text, and a prompt for them.
    private EncodedPrompt ReadText()
    {
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 3);
        OtherVocabulary.WriteReward(_folder.File("reward"), 4);
        _models.Dispose();
        _models = AlignmentModels.Load(_folder.File("policy"), _folder.File("reward"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        return _models.Prompts.EncodeChat([new ChatMessage("user", "Why does my kettle leak?")]);
    }

    // Whether runs beside each other read as many positions as different tokens are kept of them.
    private void ReadOnce(AlignmentTask first, AlignmentTask[] others)
    {
        long start = Read;
        using IAlignmentRun holder = _models.Start(first);
        holder.Advance();
        PromptReading[] prompts =
        [
            _models.Policy.Decoder.Prompts.Find([.. first.Prompt.Policy])!,
            _models.Rewards[0].Decoders.Single().Prompts.Find([.. first.Prompt.Rewards[0].Prefix])!,
        ];
        Together(others);
        Finish(holder);
        Assert.Equal(Read - start - prompts.Sum(prompt => prompt.Ids.Length), prompts.Sum(prompt => prompt.Responses!.Count));
    }

    private static void Finish(IAlignmentRun run)
    {
        while (!run.IsFinished)
        {
            run.Advance();
        }
    }

    // Bit for bit, but for what was reused.
    private static void Same(AlignmentOutcome[] expected, AlignmentOutcome[] actual) =>
        Assert.Equal(expected.Select(Text), actual.Select(Text));

    private static string Text(AlignmentOutcome outcome) =>
        $"{string.Join(' ', outcome.Response.Tokens)} {outcome.Response.Energy:R} {outcome.Response.Reward:R} "
            + $"{outcome.Response.LogProbability:R} {outcome.Draft.Energy:R} {outcome.IterationsRun} "
            + $"{outcome.Cost with { ReusedTokens = 0 }}";

    // In turns, so that each has the prompt until all have ended.
    private AlignmentOutcome[] Together(AlignmentTask[] tasks, Action? onTurn = null)
    {
        IAlignmentRun[] runs = [.. tasks.Select(_models.Start)];
        while (runs.Any(run => !run.IsFinished))
        {
            foreach (IAlignmentRun run in runs.Where(run => !run.IsFinished))
            {
                run.Advance();
                onTurn?.Invoke();
            }
        }

        AlignmentOutcome[] outcomes = [.. runs.Select(run => run.Complete(run.FinishReason))];
        Array.ForEach(runs, run => run.Dispose());
        return outcomes;
    }
}
