using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs.KeepYourWord;

/// <summary>How the models of "keep your word" are trained: three policies of different strengths and their reward model.</summary>
internal sealed class KeepYourWordTraining : IStagedWorld
{
    /// <inheritdoc/>
    public IEmbeddedWorld World { get; } = new KeepYourWordWorld();

    /// <inheritdoc/>
    public IReadOnlyList<double> Strengths => KeepYourWordWorld.Strengths;

    /// <summary>Requirements are mostly met.</summary>
    /// <inheritdoc/>
    public double SharedStrength => 0.9;

    /// <inheritdoc/>
    public TrainingStages Stages { get; } = new(
        Copying: new TrainingStage("copying", 500, 32, 2e-3, DataSeed: 4),
        Language: new TrainingStage("language", 700, 32, 2e-3),
        Weakening: new TrainingStage("weakening", 250, 32, 1e-3),
        Comparing: new TrainingStage("comparing", 400, 32, 2e-3, DataSeed: 6),
        Reward: new TrainingStage("reward", 1500, 48, 1.5e-3));

    /// <inheritdoc/>
    public double Noise => 1;

    /// <inheritdoc/>
    public int LayersAboveMarks => 0;

    /// <summary>One part for each requirement, and one for errors.</summary>
    /// <inheritdoc/>
    public (int Scores, int Subjects) Heads =>
        (KeepYourWordWorld.RequirementNames.Count + 1, KeepYourWordWorld.RequirementNames.Count + 1);

    /// <inheritdoc/>
    public WordTokenizer Tokenizer { get; } = KeepYourWordTokenizer.Build();

    /// <inheritdoc/>
    public TransformerConfig Shape(int vocabularySize, int maxPositions) => EmbeddedShape.Of(vocabularySize, maxPositions);

    /// <inheritdoc/>
    public IStagedData Data(PromptIds prompts, Tokenizer tokenizer, int seed) => new KeepYourWordData(prompts, tokenizer, seed);

    /// <inheritdoc/>
    public IStagedReport Report(PromptIds prompts, Tokenizer tokenizer, int seed, TextWriter output) =>
        new KeepYourWordReport(prompts, tokenizer, seed, output);
}
