using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// A classifier with one label that reads a question and its answer with its own chat template. Owns the model. Not thread-safe.
/// </summary>
public sealed class ResponseClassifier : IDisposable
{
    private readonly RewardModel _model;
    private readonly ConversationEncoder _encoder;

    /// <summary>Takes ownership of the model.</summary>
    public ResponseClassifier(RewardModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _encoder = new ConversationEncoder(model.Tokenizer, model.Template);
    }

    /// <summary>Loads a classifier's folder. If its template does not fit, the model is disposed.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <exception cref="CheckpointException">
    /// A file is missing, damaged or inconsistent. The message names it and what to change.
    /// </exception>
    public static ResponseClassifier Load(string folder)
    {
        RewardModel model = RewardModel.Load(folder);
        try
        {
            return new ResponseClassifier(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Description of the loaded model.</summary>
    public ModelDescription Description => _model.Description;

    /// <summary>The label's raw logit at the end of the conversation.</summary>
    /// <param name="question">The user's turn.</param>
    /// <param name="answer">The assistant's turn.</param>
    /// <exception cref="ArgumentException">Both together exceed the classifier's positions. The message says by how much.</exception>
    /// <exception cref="ChatTemplateException">The classifier's template rejects the conversation.</exception>
    public double Logit(string question, string answer)
    {
        long[] ids = [.. _encoder.EncodeAnswered([new ChatMessage("user", question)], answer)];
        if (ids.Length > _model.Description.MaxPositions)
        {
            throw new ArgumentException(
                $"The question and its answer have {ids.Length} tokens, "
                    + $"but the classifier reads at most {_model.Description.MaxPositions}.");
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor tokens = tensor(ids, device: _model.Decoder.Device).unsqueeze(0); // [1, positions]
        Tensor last = _model.Decoder.Forward(_model.Decoder.Embed(tokens)).narrow(1, ids.Length - 1, 1).flatten(0, 1); // [1, hidden]
        return _model.Head.Rewards(last).item<float>();
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
