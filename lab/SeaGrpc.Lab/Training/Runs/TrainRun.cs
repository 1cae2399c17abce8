using System.Diagnostics;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>One training of the embedded pair: tokenizer, policy, reward model, and what was measured of them.</summary>
internal sealed class TrainRun(string folder, int seed, bool quick, TextWriter output, IProgress<WorkProgress>? progress = null)
    : ITrainingRun
{
    private const int MaxPositions = 512;

    /// <inheritdoc/>
    public bool Written { get; private set; }

    /// <inheritdoc/>
    public void Execute(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var folders = new StagedFolders(folder, "tiny-policy", "tiny-reward");
        var policyFolder = folders.Make("tiny-policy");
        var rewardFolder = folders.Make("tiny-reward");

        // 1. The tokenizer, the same in both folders.
        var words = SupportDeskTokenizer.Build();
        var ids = new ControlIds(
            words.SpecialId(SupportDeskTokenizer.Begin), words.SpecialId(SupportDeskTokenizer.End),
            words.SpecialId(SupportDeskTokenizer.Padding));
        foreach (var target in new[] { policyFolder, rewardFolder })
        {
            SupportDeskTokenizer.Write(target, MaxPositions);
        }

        var tokenizer = Tokenizer.Load(policyFolder);
        var template = ChatTemplate.Load(policyFolder)
            ?? throw new InvalidOperationException("The tokenizer was written without a chat template.");
        var data = new TrainingData(tokenizer, template, new SupportDeskCorpus(seed), new SeededRandom((ulong)seed));
        output.WriteLine($"Tokenizer: {tokenizer.VocabularySize} tokens.");

        // 2. The policy.
        using var policy = new TransformerDecoder(
            EmbeddedShape.Of(tokenizer.VocabularySize, MaxPositions), TransformerInitialization.Normal((ulong)seed), withOutput: true);
        PolicyTrainer.Train(policy, data.NextConversation, Options(1400, 32, 3e-3), Report("policy", clock), cancellation);
        CheckpointFolder.WritePolicy(policyFolder, policy, ids);

        // 3. The reward model, from the policy's body.
        using var reward = RewardNetwork.FromPolicy(policy, seed);
        RewardTrainer.Train(reward, data.NextGroup, Options(1200, 6, 1.5e-3), Report("reward", clock), cancellation);
        CheckpointFolder.WriteReward(rewardFolder, reward, ids);

        folders.Publish();
        Written = true;

        // 4. What they are like, on prompts that neither training nor evaluation uses.
        progress?.Report(new WorkProgress("measuring"));
        new TrainingReport(data, tokenizer, output).Write(policy, reward, ids.End, seed, cancellation);
        output.WriteLine(
            $"Done in {clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of CPU time: {folder}");
    }

    private TrainingOptions Options(int steps, int batchSize, double learningRate) =>
        new(quick ? steps / 10 : steps, batchSize, learningRate, seed);

    private StepLines Report(string name, Stopwatch clock) => new(name, clock, output, progress);
}
