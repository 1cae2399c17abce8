namespace SeaGrpc.Alignment.Probing;

/// <summary>Effects of single-token substitutions of one response on the energy, exact and predicted by the gradient.</summary>
/// <param name="Exact">The exact change of each substitution, in nats.</param>
/// <param name="Predicted">For each level of smoothing, the change of each substitution to first order, in nats.</param>
public sealed record SubstitutionChanges(IReadOnlyList<double> Exact, IReadOnlyList<IReadOnlyList<double>> Predicted);
