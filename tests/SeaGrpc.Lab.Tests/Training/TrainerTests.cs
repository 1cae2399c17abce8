using SeaGrpc.Lab.Training;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Tests.Training;

[Trait("tier", "slow")]
public sealed class TrainerTests
{
    private const int End = 15;

    private static readonly TransformerConfig Shape = new()
    {
        VocabularySize = 16,
        HiddenSize = 32,
        IntermediateSize = 64,
        LayerCount = 1,
        HeadCount = 2,
        KeyValueHeadCount = 2,
        HeadSize = 16,
        MaxPositions = 32,
        RopeTheta = 10_000,
        RmsNormEpsilon = 1e-5,
        TieWordEmbeddings = true,
    };

    [Fact]
    public void The_policy_learns_to_repeat_a_token_as_often_as_the_prompt_says()
    {
        using var policy = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
        var losses = TrainPolicy(policy, steps: 150);
        Assert.True(losses[0] > 2, $"The first loss is {losses[0]}.");
        Assert.True(losses[^10..].Average() < 0.2, $"The last losses are {string.Join(", ", losses[^10..])}.");
        var responses = TrainingSampler.Sample(policy, [[1, 5], [2, 6], [3, 7]], End, maxTokens: 8, seed: 1);
        Assert.Equal<int[]>([[5], [6, 6], [7, 7, 7]], responses);
    }

    [Fact]
    public void The_same_seed_trains_the_same_policy()
    {
        using var first = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
        using var second = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
        Assert.Equal(TrainPolicy(first, steps: 5), TrainPolicy(second, steps: 5));
    }

    [Fact]
    public void The_same_seed_writes_the_same_files_to_the_byte()
    {
        var parent = Directory.CreateTempSubdirectory("trained").FullName;
        try
        {
            string[] folders = [Path.Combine(parent, "first"), Path.Combine(parent, "second"), Path.Combine(parent, "other")];
            WriteTrained(folders[0], seed: 1);
            WriteTrained(folders[1], seed: 1);
            WriteTrained(folders[2], seed: 2);
            var files = Directory.EnumerateFiles(folders[0], "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folders[0], file)).ToArray();
            Assert.Contains(Path.Combine("policy", "model.safetensors"), files);
            Assert.Contains(Path.Combine("reward", "model.safetensors"), files);
            Assert.All(files, file => Assert.Equal(Bytes(folders[0], file), Bytes(folders[1], file)));
            Assert.NotEqual(
                Bytes(folders[0], Path.Combine("policy", "model.safetensors")),
                Bytes(folders[2], Path.Combine("policy", "model.safetensors")));
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }

        static byte[] Bytes(string folder, string file) => File.ReadAllBytes(Path.Combine(folder, file));
    }

    [Fact]
    public void The_reward_learns_to_count_a_token()
    {
        using var policy = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
        using var reward = RewardNetwork.FromPolicy(policy, seed: 1);
        var random = new SeededRandom(2);
        var losses = new Losses();
        RewardTrainer.Train(reward, () => Group(random), new TrainingOptions(200, 16, 3e-3, Seed: 3), losses);
        Assert.True(losses.Values.TakeLast(10).Average() < losses.Values[0], "The loss did not fall.");
        var rewards = reward.Rewards([.. Enumerable.Range(0, 5).Select(Counting)]);
        Assert.Equal(rewards.Order(), rewards);
        Assert.True(rewards[4] - rewards[0] > 2, $"The rewards are {string.Join(", ", rewards)}.");
    }

    // Parts: how often 7 stands, and a penalty where 9 stands; marks: each token is a 7 or not, and "no 9 so far".
    [Fact]
    public void The_marked_reward_learns_a_sum_of_parts()
    {
        using var policy = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
        using var reward = RewardNetwork.FromPolicy(policy, seed: 1);
        var random = new SeededRandom(2);
        var losses = new Losses();
        MarkedRewardTrainer.Train(
            reward, () => Marked(random), (Scores: 2, Subjects: 2), new TrainingOptions(250, 32, 3e-3, Seed: 3), losses);
        Assert.True(
            losses.Values.TakeLast(10).Average() < losses.Values[0] / 3,
            $"The loss fell from {losses.Values[0]} to {losses.Values[^1]} only.");
        var rewards = reward.Rewards([.. Enumerable.Range(0, 5).Select(Counting)]);
        Assert.Equal(rewards.Order(), rewards);
        Assert.Equal(4, rewards[4] - rewards[0], 1.0);
        var spoilt = reward.Rewards([new TrainingSequence([1, 7, 7, 9, 7, End], ResponseStart: 1)]);
        Assert.True(spoilt[0] < rewards[3] - 1, $"{spoilt[0]} is not well below {rewards[3]}.");
    }

    [Fact]
    public void Repeated_segments_are_predictable_from_their_second_copy_on()
    {
        var segments = new RepeatedSegments([3, 4, 5, 6, 7], seed: 1);
        for (var i = 0; i < 100; i++)
        {
            var (ids, start) = segments.Next();
            Assert.InRange(ids.Length, 42, 64);
            Assert.All(Enumerable.Range(start, ids.Length - start), at => Assert.Equal(ids[at - start + 1], ids[at]));
        }
    }

    [Fact]
    public void Recurring_ids_are_marked_where_they_recur()
    {
        var recurring = new RecurringIds(begin: 200, [.. Enumerable.Range(0, 200)], seed: 1);
        int marked = 0, all = 0;
        for (var i = 0; i < 100; i++)
        {
            var (sequence, scores, marks) = recurring.Next();
            Assert.Empty(scores);
            Assert.Equal(sequence.Ids.Length - 1, marks.Count);
            Assert.All(marks, mark => Assert.Equal(sequence.Ids.Take(mark.Index).Contains(sequence.Ids[mark.Index]), mark.Holds));
            marked += marks.Count(mark => mark.Holds);
            all += marks.Count;
        }

        Assert.InRange((double)marked / all, 0.35, 0.65);
    }

    [Fact]
    public void Marks_alone_train_the_body()
    {
        using var policy = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
        using var reward = RewardNetwork.FromPolicy(policy, seed: 1);
        var random = new SeededRandom(2);
        var losses = new Losses();
        MarkedRewardTrainer.Train(
            reward, () =>
                Marked(random) with { Scores = [] }, (Scores: 0, Subjects: 2), new TrainingOptions(100, 32, 3e-3, Seed: 3), losses);
        Assert.True(
            losses.Values.TakeLast(10).Average() < losses.Values[0] / 3,
            $"The loss fell from {losses.Values[0]} to {losses.Values[^1]} only.");
    }

    [Fact]
    public void Marks_below_the_last_layer_train_both_the_layers_below_and_the_scores()
    {
        using var policy = new TransformerDecoder(Shape with { LayerCount = 2 }, TransformerInitialization.Normal(1), withOutput: true);
        using var reward = RewardNetwork.FromPolicy(policy, seed: 1);
        var random = new SeededRandom(2);
        var losses = new Losses();
        MarkedRewardTrainer.Train(
            reward, () => Marked(random), (Scores: 2, Subjects: 2), new TrainingOptions(200, 32, 3e-3, Seed: 3, LayersAboveMarks: 1),
            losses);
        Assert.True(
            losses.Values.TakeLast(10).Average() < losses.Values[0] / 3,
            $"The loss fell from {losses.Values[0]} to {losses.Values[^1]} only.");
        var rewards = reward.Rewards([.. Enumerable.Range(0, 5).Select(Counting)]);
        Assert.Equal(rewards.Order(), rewards);
    }

    [Fact]
    public void A_copied_decoder_has_weights_of_its_own()
    {
        using var policy = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
        using var copy = DecoderCopy.Of(policy, withOutput: true);
        var before = TrainingSampler.Sample(policy, [[1, 5]], End, maxTokens: 8, seed: 1);
        Assert.Equal(before, TrainingSampler.Sample(copy, [[1, 5]], End, maxTokens: 8, seed: 1));
        TrainPolicy(copy, steps: 50);
        Assert.Equal(before, TrainingSampler.Sample(policy, [[1, 5]], End, maxTokens: 8, seed: 1));
    }

    [Fact]
    public void Written_folders_have_the_shape_that_was_trained()
    {
        var folder = Directory.CreateTempSubdirectory("trained").FullName;
        try
        {
            using var policy = new TransformerDecoder(Shape, TransformerInitialization.Normal(1), withOutput: true);
            using var reward = RewardNetwork.FromPolicy(policy, seed: 1);
            CheckpointFolder.WritePolicy(Path.Combine(folder, "policy"), policy, new ControlIds(13, End, 14));
            CheckpointFolder.WriteReward(Path.Combine(folder, "reward"), reward, new ControlIds(13, End, 14));
            Assert.Equal(Shape, CheckpointConfig.Load(Path.Combine(folder, "policy")).Transformer);
            Assert.Equal("LlamaForSequenceClassification", CheckpointConfig.Load(Path.Combine(folder, "reward")).Architecture);
            Assert.Equal(1, CheckpointConfig.Load(Path.Combine(folder, "reward")).LabelCount);
            Assert.True(File.Exists(Path.Combine(folder, "policy", "model.safetensors")));
            Assert.True(File.Exists(Path.Combine(folder, "policy", "generation_config.json")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteTrained(string folder, int seed)
    {
        using var policy = new TransformerDecoder(Shape, TransformerInitialization.Normal((ulong)seed), withOutput: true);
        TrainPolicy(policy, steps: 10);
        CheckpointFolder.WritePolicy(Path.Combine(folder, "policy"), policy, new ControlIds(13, End, 14));
        using var reward = RewardNetwork.FromPolicy(policy, seed);
        var random = new SeededRandom(2);
        RewardTrainer.Train(reward, () => Group(random), new TrainingOptions(10, 16, 3e-3, seed));
        CheckpointFolder.WriteReward(Path.Combine(folder, "reward"), reward, new ControlIds(13, End, 14));
    }

    private static double[] TrainPolicy(TransformerDecoder policy, int steps)
    {
        var random = new SeededRandom(1);
        var losses = new Losses();
        PolicyTrainer.Train(
            policy, () => Repeating(1 + random.Next(3), 5 + random.Next(4)), new TrainingOptions(steps, 32, 1e-2, Seed: 1), losses);
        return [.. losses.Values];
    }

    private static TrainingSequence Repeating(int count, int token) =>
        new([count, token, .. Enumerable.Repeat(token, count), End], ResponseStart: 2);

    // The token 7 among four places, the rest 8.
    private static TrainingSequence Counting(int count) =>
        new([1, .. Enumerable.Repeat(7, count), .. Enumerable.Repeat(8, 4 - count), End], ResponseStart: 1);

    private static RankedSequence[] Group(SeededRandom random)
    {
        int first = random.Next(5), second = random.Next(5);
        return [new RankedSequence(Counting(first), first), new RankedSequence(Counting(second), second)];
    }

    private static MarkedSequence Marked(SeededRandom random)
    {
        int[] tokens = [.. Enumerable.Range(0, 4).Select(_ => 7 + random.Next(2))];
        if (random.Chance(0.3))
        {
            tokens[random.Next(4)] = 9;
        }

        var marks = tokens.SelectMany((token, at) => new[]
        {
            new TokenMark(1 + at, 0, token == 7), new TokenMark(1 + at, 1, !tokens.Take(at + 1).Contains(9)),
        });
        float[] scores = [tokens.Count(token => token == 7) - 2, tokens.Contains(9) ? -4 : 0];
        return new MarkedSequence(new TrainingSequence([1, .. tokens, End], ResponseStart: 1), scores, [.. marks]);
    }

    private sealed class Losses : IProgress<TrainingProgress>
    {
        public List<double> Values { get; } = [];

        public void Report(TrainingProgress value) => Values.Add(value.Loss);
    }
}
