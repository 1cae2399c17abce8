using System.Globalization;
using SeaGrpc.Modeling;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>How a reward model is trained on pairs. Ranges are checked by the command line.</summary>
internal sealed record PreferenceOptions
{
    /// <summary>Lower layers that stay as they are, from 0 to the number of layers.</summary>
    public required int FrozenLayers { get; init; }

    /// <summary>Whether the embeddings are trained, too. No layer may be frozen then.</summary>
    public bool TrainEmbeddings { get; init; }

    /// <summary>Times that every pair is read, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Highest learning rate, above 0.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Share of the steps over which the learning rate rises, from 0 to 1; then it falls along a cosine.</summary>
    public double Warmup { get; init; } = 0.05;

    /// <summary>Ids of a step, filling included, at least 1.</summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>Pairs with a text of more ids are left out, at least 2.</summary>
    public int MaxTokens { get; init; } = 1024;

    /// <summary>By how much, in nats, the chosen reward should exceed the other at even odds, at least 0.</summary>
    public double Margin { get; init; }

    /// <summary>Weight of the squared sum of a pair's rewards, which keeps rewards around 0, at least 0.</summary>
    public double Centring { get; init; } = 0.01;

    /// <summary>Number format of the products. Weights are updated in fp32.</summary>
    public ModelDtype Dtype { get; init; } = ModelDtype.Auto;

    /// <summary>Share of the pairs held out where the file names no split, from 0 to below 1; null for a tenth.</summary>
    public double? HeldOut { get; init; }

    /// <summary>Seed of the order, the split and the scoring weight.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What decides the weights, by option: a training resumes only where all of it is equal.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["--frozen-layers"] = $"{FrozenLayers}",
        ["--train-embeddings"] = $"{TrainEmbeddings}",
        ["--epochs"] = $"{Epochs}",
        ["--learning-rate"] = $"{LearningRate}",
        ["--warmup"] = $"{Warmup}",
        ["--batch-tokens"] = $"{BatchTokens}",
        ["--max-tokens"] = $"{MaxTokens}",
        ["--margin"] = $"{Margin}",
        ["--centring"] = $"{Centring}",
        ["--held-out"] = HeldOut is { } share ? $"{share}" : "default",
        ["--seed"] = $"{Seed}",
    };

    /// <summary>Whether a tensor of a checkpoint stays unchanged.</summary>
    /// <param name="name">Its name, for example model.norm.weight.</param>
    public bool IsFrozen(string name) => name.Split('.') switch
    {
        ["model", "embed_tokens", ..] => !TrainEmbeddings,
        ["model", "layers", var layer, ..] => int.Parse(layer, CultureInfo.InvariantCulture) < FrozenLayers,
        _ => false,
    };
}
