using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>The last step: collects the text.</summary>
internal sealed class TextCollector : IDecoderStep
{
    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public void Add(string text, bool endsToken) => _text.Append(text);

    /// <inheritdoc/>
    public void End()
    {
    }

    /// <summary>The text since the last call.</summary>
    internal string Take()
    {
        var text = _text.ToString();
        _text.Clear();
        return text;
    }
}
