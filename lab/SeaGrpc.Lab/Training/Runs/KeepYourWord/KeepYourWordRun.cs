using System.Diagnostics;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs.KeepYourWord;

/// <summary>
/// One training of the models of "keep your word": three policies of different strengths and the reward model that they share.
/// </summary>
internal sealed class KeepYourWordRun(string folder, int seed, bool quick, TextWriter output) : ITrainingRun
{
    private const int MaxPositions = 512;

    /// <summary>The strength of the corpus from which all policies learn the language first.</summary>
    private const double SharedStrength = 0.9;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

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
        var report = new KeepYourWordReport(prompts, tokenizer, seed, output);
        KeepYourWordData Data(KeepYourWordStage stage) => new(prompts, tokenizer, seed + stage.DataSeed);
        output.WriteLine($"Tokenizer: {tokenizer.VocabularySize} tokens.");
        using var shared = TrainShared(tokenizer.VocabularySize, Data, cancellation);

        // 2. The policies: that one, weakened.
        var weakening = Data(KeepYourWordStage.Weakening);
        foreach (var strength in KeepYourWordWorld.Strengths)
        {
            var models = KeepYourWordWorld.ModelsOf(strength);
            using var policy = DecoderCopy.Of(shared, withOutput: true);
            TrainPolicy(KeepYourWordStage.Weakening, policy, () => weakening.NextConversation(strength), cancellation);
            CheckpointFolder.WritePolicy(paths[models.PolicyFolder], policy, ids);
            report.WritePolicy(models.Strength, policy, ids.End, cancellation);
        }

        // 3. The reward model, from the shared policy's body.
        using var reward = RewardNetwork.FromPolicy(shared, seed);
        var comparing = KeepYourWordStage.Comparing;
        var recurring = new RecurringIds(ids.Begin, Data(comparing).OrdinaryIds, seed + comparing.DataSeed);
        MarkedRewardTrainer.Train(reward, recurring.Next, RecurringIds.Heads, Options(comparing), Lines(comparing), cancellation);
        var answers = Data(KeepYourWordStage.Reward);
        MarkedRewardTrainer.Train(
            reward, answers.NextAnswer, KeepYourWordData.Heads, Options(KeepYourWordStage.Reward), Lines(KeepYourWordStage.Reward),
            cancellation);
        CheckpointFolder.WriteReward(rewardFolder, reward, ids);
        folders.Publish();
        Written = true;
        report.WriteReward(reward, answers, cancellation);
        output.WriteLine(
            $"Done in {_clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of CPU time: {folder}");
    }

    // First to copy, then the language.
    private TransformerDecoder TrainShared(
        int vocabularySize, Func<KeepYourWordStage, KeepYourWordData> data, CancellationToken cancellation)
    {
        var policy = new TransformerDecoder(
            EmbeddedShape.Of(vocabularySize, MaxPositions), TransformerInitialization.Normal((ulong)seed), withOutput: true);
        var copying = KeepYourWordStage.Copying;
        TrainPolicy(copying, policy, new RepeatedSegments(data(copying).OrdinaryIds, seed + copying.DataSeed).Next, cancellation);
        var language = data(KeepYourWordStage.Language);
        TrainPolicy(KeepYourWordStage.Language, policy, () => language.NextConversation(SharedStrength), cancellation);
        return policy;
    }

    private void TrainPolicy(
        KeepYourWordStage stage, TransformerDecoder policy, Func<TrainingSequence> next, CancellationToken cancellation) =>
        PolicyTrainer.Train(policy, next, Options(stage), Lines(stage), cancellation);

    private TrainingOptions Options(KeepYourWordStage stage) =>
        new(quick ? stage.Steps / 10 : stage.Steps, stage.BatchSize, stage.LearningRate, seed);

    private StepLines Lines(KeepYourWordStage stage) => new(stage.Name, _clock, output);
}
