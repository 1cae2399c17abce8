using System.Diagnostics;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Training;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Worlds.KeepYourWord;
using SeaGrpc.Worlds.Tokenization;

namespace SeaGrpc.Cli.Train.KeepYourWord;

/// <summary>One training of the models of "keep your word": three policies of different strengths and the reward model that they share.</summary>
internal sealed class KeepYourWordRun(string folder, int seed, bool quick, TextWriter output) : ITrainingRun
{
    private const int MaxPositions = 512;

    /// <summary>The strength of the corpus from which all policies learn the language first.</summary>
    private const double BaseStrength = 0.9;

    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <inheritdoc/>
    public bool Written { get; private set; }

    /// <inheritdoc/>
    public void Execute(CancellationToken cancellation)
    {
        string[] names = [.. new KeepYourWordWorld().Models.Select(models => models.PolicyFolder), KeepYourWordWorld.RewardFolder];
        using var folders = new StagedFolders(folder, names);
        var words = KeepYourWordTokenizer.Build();
        var ids = new ControlIds(words.SpecialId(ChatMarkup.Begin), words.SpecialId(ChatMarkup.End), words.SpecialId(ChatMarkup.Padding));
        var paths = names.ToDictionary(name => name, folders.Make);
        foreach (var path in paths.Values)
        {
            KeepYourWordTokenizer.Write(path, MaxPositions);
        }

        // 1. What all share: the tokenizer, and a policy that knows the language and how to keep its word.
        var rewardFolder = paths[KeepYourWordWorld.RewardFolder];
        var tokenizer = Tokenizer.Load(rewardFolder);
        var prompts = new PromptIds(tokenizer, ChatTemplate.Load(rewardFolder)!);
        var data = new KeepYourWordData(prompts, tokenizer, seed);
        output.WriteLine($"Tokenizer: {tokenizer.VocabularySize} tokens.");
        using var shared = TrainBase(tokenizer.VocabularySize, data, cancellation);

        // 2. The policies: that one, weakened.
        var report = new KeepYourWordReport(prompts, tokenizer, seed, output);
        foreach (var strength in KeepYourWordWorld.Strengths)
        {
            var models = KeepYourWordWorld.ModelsOf(strength);
            using var policy = Weaken(shared, strength, data, cancellation);
            CheckpointFolder.WritePolicy(paths[models.PolicyFolder], policy, ids);
            report.WritePolicy(models.Strength, policy, ids.End, cancellation);
        }

        // 3. The reward model, from the shared policy's body.
        using var reward = TrainReward(shared, data, cancellation);
        CheckpointFolder.WriteReward(rewardFolder, reward, ids);
        folders.Publish();
        Written = true;
        report.WriteReward(reward, data, cancellation);
        output.WriteLine($"Done in {clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of CPU time: {folder}");
    }

    // First to copy, then the language, with promises that are mostly kept.
    private TransformerDecoder TrainBase(int vocabularySize, KeepYourWordData data, CancellationToken cancellation)
    {
        var policy = new TransformerDecoder(
            EmbeddedShape.Of(vocabularySize, MaxPositions), TransformerInitialization.Normal((ulong)seed), withOutput: true);
        var segments = new RepeatedSegments(data.OrdinaryIds, seed);
        PolicyTrainer.Train(policy, segments.Next, Options(500, 32, 2e-3), new StepLines("copying", clock, output), cancellation);
        PolicyTrainer.Train(
            policy, () => data.NextConversation(BaseStrength), Options(700, 32, 2e-3), new StepLines("shared policy", clock, output), cancellation);
        return policy;
    }

    private TransformerDecoder Weaken(TransformerDecoder shared, double strength, KeepYourWordData data, CancellationToken cancellation)
    {
        var policy = DecoderCopy.Of(shared, withOutput: true);
        var lines = new StepLines(KeepYourWordWorld.ModelsOf(strength).PolicyFolder, clock, output);
        PolicyTrainer.Train(policy, () => data.NextConversation(strength), Options(250, 32, 1e-3), lines, cancellation);
        return policy;
    }

    private RewardNetwork TrainReward(TransformerDecoder shared, KeepYourWordData data, CancellationToken cancellation)
    {
        var reward = RewardNetwork.FromPolicy(shared, seed);
        MarkedRewardTrainer.Train(
            reward, data.NextAnswer, KeepYourWordData.Heads, Options(2400, 48, 1.5e-3), new StepLines("reward", clock, output), cancellation);
        return reward;
    }

    private TrainingOptions Options(int steps, int batchSize, double learningRate) =>
        new(quick ? steps / 10 : steps, batchSize, learningRate, seed);
}
