using SeaGrpc.Lab.Training;
using SeaGrpc.Lab.Training.Runs;
using SeaGrpc.Lab.Training.Runs.KeepYourWord;
using SeaGrpc.Lab.Training.Runs.MovingDay;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Tests.Training.Runs;

public sealed class StagedRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("staged-run").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("keep-your-word", 4)]
    [InlineData("moving-day", 2)]
    public void The_same_seed_writes_the_same_models_of_a_world(string name, int models)
    {
        string[] folders = [Train(name, "first", seed: 1), Train(name, "second", seed: 1), Train(name, "other", seed: 2)];
        string[] files = [.. Directory.EnumerateFiles(folders[0], "model.safetensors", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folders[0], file))];
        Assert.Equal(models, files.Length);
        Assert.Equal(models, Directory.GetFileSystemEntries(folders[0]).Length);
        Assert.All(files, file => Assert.Equal(Bytes(folders[0], file), Bytes(folders[1], file)));
        Assert.All(files, file => Assert.NotEqual(Bytes(folders[0], file), Bytes(folders[2], file)));

        static byte[] Bytes(string folder, string file) => File.ReadAllBytes(Path.Combine(folder, file));
    }

    private string Train(string name, string folder, int seed)
    {
        string path = Path.Combine(_folder, folder);
        var output = new StringWriter();
        IStagedWorld world = name == "moving-day" ? new MovingDayTraining() : new KeepYourWordTraining();
        var run = new StagedRun(new ShortTraining(world), path, seed, quick: false, output);
        run.Execute(TestContext.Current.CancellationToken);
        Assert.True(run.Written);
        Assert.Contains($"CPU time: {path}", output.ToString(), StringComparison.Ordinal);
        return path;
    }

    /// <summary>A world's training with a few small steps, of which nothing is measured.</summary>
    private sealed class ShortTraining(IStagedWorld whole) : IStagedWorld
    {
        private static readonly TrainingStage Stage = new("stage", 2, 2, 1e-3);

        public IEmbeddedWorld World => whole.World;

        public IReadOnlyList<double> Strengths => whole.Strengths;

        public double SharedStrength => whole.SharedStrength;

        public TrainingStages Stages { get; } = new(Stage, Stage, Stage, Stage, Stage);

        public double Noise => whole.Noise;

        public int LayersAboveMarks => whole.LayersAboveMarks;

        public (int Scores, int Subjects) Heads => whole.Heads;

        public WordTokenizer Tokenizer => whole.Tokenizer;

        public TransformerConfig Shape(int vocabularySize, int maxPositions) => whole.Shape(vocabularySize, maxPositions);

        public IStagedData Data(PromptIds prompts, Tokenizer tokenizer, int seed) => whole.Data(prompts, tokenizer, seed);

        public IStagedReport Report(PromptIds prompts, Tokenizer tokenizer, int seed, TextWriter output) => new NoReport();
    }

    private sealed class NoReport : IStagedReport
    {
        public void WritePolicy(string strength, TransformerDecoder policy, int endId, CancellationToken cancellation)
        {
        }

        public void WriteReward(RewardNetwork reward, CancellationToken cancellation)
        {
        }
    }
}
