using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>Not a pass: work outside the passes that has run long enough and lets other jobs run.</summary>
/// <param name="tokens">Size of the work, in token positions.</param>
internal sealed class PauseRequest(long tokens) : PassRequest<bool>
{
    private static readonly object AnyPause = new();

    public override object Key => AnyPause;

    public override long Tokens => tokens;

    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together) => [];

    protected override bool Result() => true;
}
