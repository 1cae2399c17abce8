using System.Diagnostics;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Training;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Worlds;
using SeaGrpc.Worlds.Corpus;
using SeaGrpc.Worlds.Tokenization;

namespace SeaGrpc.Cli.Train;

/// <summary>One training of the embedded pair: tokenizer, policy, reward model, and what was measured of them.</summary>
internal sealed class TrainRun(string folder, int seed, bool quick, TextWriter output)
{
    private const int MaxPositions = 512;

    /// <summary>Whether both folders are written.</summary>
    public bool Written { get; private set; }

    /// <summary>Trains, and writes both folders when both are whole.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; <see cref="Written"/> says whether the folders stand.</exception>
    public void Execute(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var folders = new StagedFolders(folder, "tiny-policy", "tiny-reward");
        var policyFolder = folders.Make("tiny-policy");
        var rewardFolder = folders.Make("tiny-reward");

        // 1. The tokenizer, the same in both folders.
        var words = SupportDeskTokenizer.Build();
        var ids = new ControlIds(
            words.SpecialId(SupportDeskTokenizer.Begin), words.SpecialId(SupportDeskTokenizer.End), words.SpecialId(SupportDeskTokenizer.Padding));
        foreach (var target in new[] { policyFolder, rewardFolder })
        {
            SupportDeskTokenizer.Write(target, MaxPositions);
        }

        var tokenizer = Tokenizer.Load(policyFolder);
        var template = ChatTemplate.Load(policyFolder) ?? throw new InvalidOperationException("The tokenizer was written without a chat template.");
        var data = new TrainingData(tokenizer, template, new SupportDeskCorpus(seed), new SeededRandom((ulong)seed));
        output.WriteLine($"Tokenizer: {tokenizer.VocabularySize} tokens.");

        // 2. The policy.
        using var policy = new TransformerDecoder(Shape(tokenizer.VocabularySize), TransformerInitialization.Normal((ulong)seed), withOutput: true);
        PolicyTrainer.Train(policy, data.NextConversation, Options(1400, 32, 3e-3), Report("policy", clock), cancellation);
        CheckpointFolder.WritePolicy(policyFolder, policy, ids);

        // 3. The reward model, from the policy's body.
        using var reward = RewardNetwork.FromPolicy(policy, seed);
        RewardTrainer.Train(reward, data.NextGroup, Options(1200, 6, 1.5e-3), Report("reward", clock), cancellation);
        CheckpointFolder.WriteReward(rewardFolder, reward, ids);

        folders.Publish();
        Written = true;

        // 4. What they are like, on prompts that neither training nor evaluation uses.
        new TrainingReport(data, tokenizer, output).Write(policy, reward, ids.End, seed, cancellation);
        output.WriteLine($"Done in {clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of CPU time: {folder}");
    }

    private static TransformerConfig Shape(int vocabularySize) => new()
    {
        VocabularySize = vocabularySize,
        HiddenSize = 128,
        IntermediateSize = 384,
        LayerCount = 4,
        HeadCount = 4,
        KeyValueHeadCount = 4,
        HeadSize = 32,
        MaxPositions = MaxPositions,
        RopeTheta = 10_000,
        RmsNormEpsilon = 1e-5,
        TieWordEmbeddings = true,
    };

    private TrainingOptions Options(int steps, int batchSize, double learningRate) =>
        new(quick ? steps / 10 : steps, batchSize, learningRate, seed);

    private StepLines Report(string name, Stopwatch clock) => new(name, clock, output);

    /// <summary>A line every so many steps, with the mean loss since the last.</summary>
    private sealed class StepLines(string name, Stopwatch clock, TextWriter output) : IProgress<TrainingProgress>
    {
        private const int Lines = 20;

        private double sum;
        private int count;

        public void Report(TrainingProgress value)
        {
            sum += value.Loss;
            count++;
            if (value.Step % Math.Max(1, value.Steps / Lines) == 0 || value.Step == value.Steps)
            {
                output.WriteLine($"{name} {value.Step,5}/{value.Steps}  loss {sum / count:F4}  {clock.Elapsed.TotalSeconds,4:F0} s");
                (sum, count) = (0, 0);
            }
        }
    }
}
