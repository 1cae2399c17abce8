using System.Diagnostics;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>
/// One training of a world's models in stages: policies of one or several strengths, and the reward model that they share.
/// </summary>
internal sealed class StagedRun(
    IStagedWorld world, string folder, int seed, bool quick, TextWriter output, IProgress<WorkProgress>? progress = null) : ITrainingRun
{
    private const int MaxPositions = 512;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <inheritdoc/>
    public bool Written { get; private set; }

    /// <inheritdoc/>
    public void Execute(CancellationToken cancellation)
    {
        IReadOnlyList<WorldModels> models = world.World.Models;
        string rewardName = models[0].RewardFolder;
        string[] names = [.. models.Select(one => one.PolicyFolder), rewardName];
        using var folders = new StagedFolders(folder, names);
        Dictionary<string, string> paths = names.ToDictionary(name => name, folders.Make);
        WordTokenizer words = world.Tokenizer;
        foreach (string path in paths.Values)
        {
            ChatMarkup.Write(words, path, MaxPositions);
        }

        // 1. What all share: the tokenizer, and a policy that knows the language.
        Tokenizer tokenizer = Tokenizer.Load(paths[rewardName]);
        var prompts = new PromptIds(tokenizer, ChatTemplate.Load(paths[rewardName])!);
        var ids = new ControlIds(words.SpecialId(ChatMarkup.Begin), words.SpecialId(ChatMarkup.End), words.SpecialId(ChatMarkup.Padding));
        IStagedData Data(TrainingStage stage) => world.Data(prompts, tokenizer, seed + stage.DataSeed);
        IStagedReport report = world.Report(prompts, tokenizer, seed, output);
        output.WriteLine($"Tokenizer: {tokenizer.VocabularySize} tokens.");
        using TransformerDecoder shared = TrainShared(tokenizer.VocabularySize, Data, cancellation);

        // 2. The policies: that one, weakened.
        IStagedData weakening = Data(world.Stages.Weakening);
        foreach ((WorldModels model, double strength) in models.Zip(world.Strengths))
        {
            using TransformerDecoder policy = DecoderCopy.Of(shared, withOutput: true);
            TrainPolicy(world.Stages.Weakening, policy, () => weakening.NextConversation(strength), cancellation);
            CheckpointFolder.WritePolicy(paths[model.PolicyFolder], policy, ids);
            var measuring = new WorkProgress($"measuring: policy {model.Strength}");
            progress?.Report(measuring);
            report.WritePolicy(model.Strength, policy, ids.End, cancellation);
            progress?.Report(measuring.Finished);
        }

        // 3. The reward model, from the shared policy's body.
        using RewardNetwork reward = RewardNetwork.FromPolicy(shared, seed);
        TrainingStage comparing = world.Stages.Comparing;
        var recurring = new RecurringIds(ids.Begin, Data(comparing).DrawnIds, seed + comparing.DataSeed);
        TrainReward(comparing, reward, recurring.Next, RecurringIds.Heads, cancellation);
        TrainReward(world.Stages.Reward, reward, Data(world.Stages.Reward).NextAnswer, world.Heads, cancellation);
        CheckpointFolder.WriteReward(paths[rewardName], reward, ids);
        folders.Publish();
        Written = true;
        progress?.Report(new WorkProgress("measuring: reward"));
        report.WriteReward(reward, cancellation);
        output.WriteLine(
            $"Done in {_clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of CPU time: {folder}");
    }

    // First to copy, then the language.
    private TransformerDecoder TrainShared(int vocabularySize, Func<TrainingStage, IStagedData> data, CancellationToken cancellation)
    {
        var policy = new TransformerDecoder(
            world.Shape(vocabularySize, MaxPositions), TransformerInitialization.Normal((ulong)seed), withOutput: true);
        TrainingStage copying = world.Stages.Copying;
        TrainPolicy(copying, policy, new RepeatedSegments(data(copying).DrawnIds, seed + copying.DataSeed).Next, cancellation);
        IStagedData language = data(world.Stages.Language);
        TrainPolicy(world.Stages.Language, policy, () => language.NextConversation(world.SharedStrength), cancellation);
        return policy;
    }

    private void TrainPolicy(
        TrainingStage stage, TransformerDecoder policy, Func<TrainingSequence> next, CancellationToken cancellation) =>
        PolicyTrainer.Train(policy, next, Options(stage), Lines(stage), cancellation);

    private void TrainReward(
        TrainingStage stage, RewardNetwork reward, Func<MarkedSequence> next, (int Scores, int Subjects) heads,
        CancellationToken cancellation) =>
        MarkedRewardTrainer.Train(reward, next, heads, Options(stage), Lines(stage), cancellation);

    private TrainingOptions Options(TrainingStage stage) => new(
        quick ? stage.Steps / 10 : stage.Steps, stage.BatchSize, stage.LearningRate, seed, Noise: world.Noise,
        LayersAboveMarks: world.LayersAboveMarks);

    private StepLines Lines(TrainingStage stage) => new(stage.Name, _clock, output, progress);
}
