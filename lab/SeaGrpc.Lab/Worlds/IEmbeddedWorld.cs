namespace SeaGrpc.Lab.Worlds;

/// <summary>
/// One world that the project generates: prompts in disjoint splits, an exact judge, and the models that speak its language.
/// </summary>
/// <remarks>An evaluation needs nothing else of a world. Implementations are thread-safe, and the same seed gives the same
/// prompts.</remarks>
public interface IEmbeddedWorld
{
    /// <summary>How command lines and results name the world.</summary>
    string Name { get; }

    /// <summary>How many requirements a good answer meets.</summary>
    int RequirementCount { get; }

    /// <summary>Longest response in tokens that a run needs to allow: the longest answer, its end and a margin.</summary>
    int MaxResponseTokens { get; }

    /// <summary>The trained pairs, the weakest policy first.</summary>
    IReadOnlyList<WorldModels> Models { get; }

    /// <summary>Distinct prompts that neither training nor tuning sees.</summary>
    /// <param name="count">How many, at least 400 of which exist.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer prompts than <paramref name="count"/>.</exception>
    IReadOnlyList<WorldPrompt> HeldOutPrompts(int count, int seed);

    /// <summary>Distinct prompts for choosing settings, disjoint from training and from the held-out split.</summary>
    /// <param name="count">How many, at least 200 of which exist.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer prompts than <paramref name="count"/>.</exception>
    IReadOnlyList<WorldPrompt> TuningPrompts(int count, int seed);

    /// <summary>Judges one answer exactly.</summary>
    /// <param name="prompt">A prompt of this world.</param>
    /// <param name="answer">The answer's text, without special tokens.</param>
    Assessment Assess(WorldPrompt prompt, string answer);

    /// <summary>A grammatical answer on the topic that meets no requirement; its first words are what a prefilling attack forces.</summary>
    /// <param name="prompt">A prompt of this world.</param>
    /// <param name="seed">Seed of the wording.</param>
    string WorstAnswer(WorldPrompt prompt, int seed);

    /// <summary>The errors that <see cref="DamagedAnswer"/> can make.</summary>
    IReadOnlyList<string> DraftErrors { get; }

    /// <summary>An answer with one error and nothing else wrong: a draft to repair.</summary>
    /// <param name="prompt">A prompt of this world.</param>
    /// <param name="kind">One of <see cref="DraftErrors"/>.</param>
    /// <param name="seed">Seed of the wording, and of where the error is.</param>
    /// <exception cref="ArgumentException">The world does not make this error.</exception>
    string DamagedAnswer(WorldPrompt prompt, string kind, int seed);
}
