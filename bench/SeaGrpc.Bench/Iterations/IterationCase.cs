using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Iterations;

/// <summary>One line of <c>iteration</c>.</summary>
/// <param name="Shape">Name of the models' shape.</param>
/// <param name="Dtype">Format of weights and activations.</param>
/// <param name="PromptTokens">Tokens before the response.</param>
/// <param name="Positions">Positions of every response.</param>
/// <param name="Method">SEA by Langevin dynamics, with its parameters.</param>
internal sealed record IterationCase(string Shape, ModelDtype Dtype, int PromptTokens, int Positions, string Method);
