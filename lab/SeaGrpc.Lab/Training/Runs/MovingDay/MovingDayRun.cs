using System.Diagnostics;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs.MovingDay;

/// <summary>One training of the models of "moving day": a policy and its reward model.</summary>
internal sealed class MovingDayRun(string folder, int seed, bool quick, TextWriter output) : ITrainingRun
{
    private const int MaxPositions = 512;

    /// <summary>Standard deviations of the embeddings. A fact must stay itself.</summary>
    private const double Noise = 0.2;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <inheritdoc/>
    public bool Written { get; private set; }

    /// <inheritdoc/>
    public void Execute(CancellationToken cancellation)
    {
        using var folders = new StagedFolders(folder, MovingDayWorld.PolicyFolder, MovingDayWorld.RewardFolder);
        string policyFolder = folders.Make(MovingDayWorld.PolicyFolder);
        string rewardFolder = folders.Make(MovingDayWorld.RewardFolder);
        WordTokenizer words = MovingDayTokenizer.Build();
        var ids = new ControlIds(words.SpecialId(ChatMarkup.Begin), words.SpecialId(ChatMarkup.End), words.SpecialId(ChatMarkup.Padding));
        MovingDayTokenizer.Write(policyFolder, MaxPositions);
        MovingDayTokenizer.Write(rewardFolder, MaxPositions);
        Tokenizer tokenizer = Tokenizer.Load(policyFolder);
        var prompts = new PromptIds(tokenizer, ChatTemplate.Load(policyFolder)!);
        MovingDayData Data(MovingDayStage stage) => new(prompts, tokenizer, seed + stage.DataSeed);
        output.WriteLine($"Tokenizer: {tokenizer.VocabularySize} tokens.");

        // 1. A policy that makes no errors: first to copy, then the language.
        using var policy = new TransformerDecoder(
            EmbeddedShape.Small(tokenizer.VocabularySize, MaxPositions), TransformerInitialization.Normal((ulong)seed), withOutput: true);
        MovingDayStage copying = MovingDayStage.Copying;
        TrainPolicy(copying, policy, new RepeatedSegments(Data(copying).WordIds, seed + copying.DataSeed).Next, cancellation);
        MovingDayData language = Data(MovingDayStage.Language);
        TrainPolicy(MovingDayStage.Language, policy, () => language.NextConversation(strength: 1), cancellation);

        // 2. The reward model, from that policy's body.
        using var reward = RewardNetwork.FromPolicy(policy, seed);
        MovingDayStage comparing = MovingDayStage.Comparing;
        var recurring = new RecurringIds(ids.Begin, Data(comparing).WordIds, seed + comparing.DataSeed);
        MarkedRewardTrainer.Train(reward, recurring.Next, RecurringIds.Heads, Options(comparing), Lines(comparing), cancellation);
        MovingDayData answers = Data(MovingDayStage.Reward);
        MarkedRewardTrainer.Train(
            reward, answers.NextAnswer, MovingDayData.Heads, Options(MovingDayStage.Reward), Lines(MovingDayStage.Reward), cancellation);
        CheckpointFolder.WriteReward(rewardFolder, reward, ids);

        // 3. The policy, weakened.
        MovingDayData weakening = Data(MovingDayStage.Weakening);
        TrainPolicy(
            MovingDayStage.Weakening, policy, () => weakening.NextConversation(MovingDayWorld.Strength), cancellation);
        CheckpointFolder.WritePolicy(policyFolder, policy, ids);
        folders.Publish();
        Written = true;

        // 4. What they are like, on prompts that neither training nor evaluation uses.
        var report = new MovingDayReport(prompts, tokenizer, seed, output);
        report.WritePolicy(policy, ids.End, cancellation);
        report.WriteReward(reward, answers, cancellation);
        report.WriteNeighbourhood(policy, answers, cancellation);
        output.WriteLine(
            $"Done in {_clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of CPU time: {folder}");
    }

    private void TrainPolicy(
        MovingDayStage stage, TransformerDecoder policy, Func<TrainingSequence> next, CancellationToken cancellation) =>
        PolicyTrainer.Train(policy, next, Options(stage), Lines(stage), cancellation);

    private TrainingOptions Options(MovingDayStage stage) =>
        new(quick ? stage.Steps / 10 : stage.Steps, stage.BatchSize, stage.LearningRate, seed, Noise: Noise);

    private StepLines Lines(MovingDayStage stage) => new(stage.Name, _clock, output);
}
