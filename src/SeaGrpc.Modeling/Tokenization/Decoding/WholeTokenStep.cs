using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>A step that needs whole tokens.</summary>
internal abstract class WholeTokenStep(IDecoderStep next) : IDecoderStep
{
    private readonly StringBuilder _parts = new();

    /// <summary>The step after this one.</summary>
    protected IDecoderStep Next => next;

    /// <inheritdoc/>
    public void Add(string text, bool endsToken)
    {
        if (endsToken && _parts.Length == 0)
        {
            AddToken(text);
            return;
        }

        _parts.Append(text);
        if (endsToken)
        {
            var token = _parts.ToString();
            _parts.Clear();
            AddToken(token);
        }
    }

    /// <inheritdoc/>
    public virtual void End() => next.End();

    /// <summary>Adds the next token.</summary>
    protected abstract void AddToken(string token);
}
