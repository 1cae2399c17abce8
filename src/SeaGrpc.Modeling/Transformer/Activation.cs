namespace SeaGrpc.Modeling.Transformer;

/// <summary>The gate's activation in a feed-forward layer.</summary>
public enum Activation
{
    /// <summary>x sigmoid(x): SwiGLU.</summary>
    Silu,

    /// <summary>The tanh form of GELU: GeGLU as Gemma has it (gelu_pytorch_tanh).</summary>
    GeluTanh,
}
