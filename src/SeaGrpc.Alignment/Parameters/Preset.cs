namespace SeaGrpc.Alignment.Parameters;

/// <summary>A complete set of a method's parameters.</summary>
/// <param name="Name">
/// The name of its static property in snake case; <c>default</c> is the one that applies if nothing else is specified.
/// </param>
/// <param name="Parameters">The parameters.</param>
/// <param name="ImpliedBy">The parameter and its value that imply this preset if none is named, or null.</param>
public sealed record Preset(string Name, MethodParameters Parameters, (Parameter Parameter, object Value)? ImpliedBy = null);
