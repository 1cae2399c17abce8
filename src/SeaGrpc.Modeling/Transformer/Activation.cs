namespace SeaGrpc.Modeling.Transformer;

/// <summary>The activation of the gate in a feed-forward layer.</summary>
public enum Activation
{
    /// <summary>x sigmoid(x): SwiGLU.</summary>
    Silu,

    /// <summary>The tanh approximation of GELU: GeGLU as in Gemma (gelu_pytorch_tanh).</summary>
    GeluTanh,
}
