using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling;

/// <summary>A reward model with its tokenizer.</summary>
public sealed class RewardModel : IDisposable
{
    /// <summary>Loads a LlamaForSequenceClassification folder with one label.</summary>
    public static RewardModel Load(string folder, ModelLoadOptions? options = null) => throw new NotImplementedException(folder);

    /// <summary>What was loaded, for people and for GetServerInfo.</summary>
    public ModelDescription Description => throw new NotImplementedException();

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer => throw new NotImplementedException();

    /// <summary>The model's chat template, or null.</summary>
    public ChatTemplate? Template => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
