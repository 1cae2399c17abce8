using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The hidden states that a run's model has computed last after a prompt, found by the tokens before them. A response that is cut where the
/// model has read it can go on from there, without reading its last token again. A ring of fixed size, which it owns. Not thread-safe.
/// </summary>
public sealed class RecentStates : IDisposable
{
    /// <summary>Number of states that are kept.</summary>
    public const int Slots = 1024;

    private readonly Tensor _states;
    private readonly ReadToken?[] _owners = new ReadToken?[Slots];
    private int _next;

    /// <summary>Starts with nothing.</summary>
    /// <param name="decoder">The model.</param>
    public RecentStates(TransformerDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        _states = empty([Slots, decoder.Config.HiddenSize], decoder.Dtype, decoder.Device).DetachFromDisposeScope();
    }

    /// <summary>The end of the prompt: a response's tokens follow it.</summary>
    public ReadToken Root { get; } = new();

    /// <summary>Size in bytes.</summary>
    /// <param name="decoder">The model.</param>
    public static long Bytes(TransformerDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return (long)Slots * decoder.Config.HiddenSize * decoder.BytesPerNumber;
    }

    /// <summary>Whether the state at a token is kept.</summary>
    public bool Has(ReadToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return token.Slot >= 0 && _owners[token.Slot] == token;
    }

    /// <summary>Keeps states, in place of the oldest ones. Of too many, the last are kept.</summary>
    /// <param name="tokens">The tokens that they were computed at.</param>
    /// <param name="states">The states after the final norm [tokens, hidden].</param>
    public void Keep(IReadOnlyList<ReadToken> tokens, Tensor states)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(states);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int left = Math.Max(0, tokens.Count - Slots);
        var slots = new long[tokens.Count - left];
        for (int index = 0; index < slots.Length; index++)
        {
            ReadToken token = tokens[left + index];
            _owners[_next] = token;
            token.Slot = _next;
            slots[index] = _next;
            _next = (_next + 1) % Slots;
        }

        _states.index_copy_(0, tensor(slots, device: _states.device), states.narrow(0, left, slots.Length));
    }

    /// <summary>The states at tokens that are kept: [tokens, hidden], in the caller's scope.</summary>
    public Tensor Of(IEnumerable<ReadToken> tokens) =>
        _states.index_select(0, tensor(tokens.Select(token => (long)token.Slot).ToArray(), device: _states.device));

    /// <inheritdoc/>
    public void Dispose() => _states.Dispose();
}
