namespace SeaGrpc.Alignment.Parameters;

/// <summary>A complete set of a method's parameters.</summary>
/// <param name="Name">The static property that holds it, in snake case; <c>default</c> is what counts where nothing else is asked
/// for.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="ImpliedBy">The parameter and its value that imply this preset where none is named; or null.</param>
public sealed record Preset(string Name, MethodParameters Parameters, (Parameter Parameter, object Value)? ImpliedBy = null);
