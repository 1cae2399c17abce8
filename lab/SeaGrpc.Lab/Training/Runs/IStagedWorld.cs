using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>What a <see cref="StagedRun"/> needs to know of a world.</summary>
internal interface IStagedWorld
{
    /// <summary>The world, whose policies share one reward model.</summary>
    IEmbeddedWorld World { get; }

    /// <summary>The strengths of its policies, as the world lists its models.</summary>
    IReadOnlyList<double> Strengths { get; }

    /// <summary>The strength of the corpus from which all policies learn the language first.</summary>
    double SharedStrength { get; }

    /// <summary>How long and how fast.</summary>
    TrainingStages Stages { get; }

    /// <summary>Highest level of the noise on the reward model's embeddings, in their standard deviations.</summary>
    double Noise { get; }

    /// <inheritdoc cref="TrainingOptions.LayersAboveMarks"/>
    int LayersAboveMarks { get; }

    /// <summary>The parts whose sum is the reward, and what single tokens decide.</summary>
    (int Scores, int Subjects) Heads { get; }

    /// <summary>The tokenizer of all its models.</summary>
    WordTokenizer Tokenizer { get; }

    /// <summary>The shape of its models.</summary>
    TransformerConfig Shape(int vocabularySize, int maxPositions);

    /// <summary>Its examples.</summary>
    /// <param name="prompts">Encodes conversations.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="seed">Seed of the corpus.</param>
    IStagedData Data(PromptIds prompts, Tokenizer tokenizer, int seed);

    /// <summary>Its measurements.</summary>
    /// <param name="prompts">Encodes conversations.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="seed">Seed of what is measured.</param>
    /// <param name="output">The figures are written here.</param>
    IStagedReport Report(PromptIds prompts, Tokenizer tokenizer, int seed, TextWriter output);
}
