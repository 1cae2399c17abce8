using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs.MovingDay;

/// <summary>How the models of "moving day" are trained: a policy and its reward model.</summary>
internal sealed class MovingDayTraining : IStagedWorld
{
    /// <inheritdoc/>
    public IEmbeddedWorld World { get; } = new MovingDayWorld();

    /// <inheritdoc/>
    public IReadOnlyList<double> Strengths { get; } = [MovingDayWorld.Strength];

    /// <summary>No answer has an error: the policy learns which sentence is due and which fact it names.</summary>
    /// <inheritdoc/>
    public double SharedStrength => 1;

    /// <inheritdoc/>
    public TrainingStages Stages { get; } = new(
        Copying: new TrainingStage("copying", 350, 24, 2e-3, DataSeed: 4),
        Language: new TrainingStage("language", 700, 24, 2e-3),
        Weakening: new TrainingStage("weakening", 250, 24, 1e-3, DataSeed: 8),
        Comparing: new TrainingStage("comparing", 350, 24, 2e-3, DataSeed: 6),
        Reward: new TrainingStage("reward", 2500, 24, 1.5e-3));

    /// <summary>A fact must stay itself.</summary>
    /// <inheritdoc/>
    public double Noise => 0.2;

    /// <summary>The last layer counts the errors that the others find.</summary>
    /// <inheritdoc/>
    public int LayersAboveMarks => 1;

    /// <summary>One part for words and one for facts.</summary>
    /// <inheritdoc/>
    public (int Scores, int Subjects) Heads => (2, MovingAnswer.Subjects);

    /// <inheritdoc/>
    public WordTokenizer Tokenizer { get; } = MovingDayTokenizer.Build();

    /// <inheritdoc/>
    public TransformerConfig Shape(int vocabularySize, int maxPositions) => EmbeddedShape.Small(vocabularySize, maxPositions);

    /// <inheritdoc/>
    public IStagedData Data(PromptIds prompts, Tokenizer tokenizer, int seed) => new MovingDayData(prompts, tokenizer, seed);

    /// <inheritdoc/>
    public IStagedReport Report(PromptIds prompts, Tokenizer tokenizer, int seed, TextWriter output) =>
        new MovingDayReport(prompts, tokenizer, seed, output);
}
