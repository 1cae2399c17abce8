namespace SeaGrpc.Alignment.Probing;

/// <summary>What single-token flips of one response do to the energy, exactly and by its gradient.</summary>
/// <param name="Exact">The exact change of each flip, in nats.</param>
/// <param name="Predicted">For each level of smoothing, the change of each flip to first order, in nats.</param>
public sealed record FlipChanges(IReadOnlyList<double> Exact, IReadOnlyList<IReadOnlyList<double>> Predicted);
