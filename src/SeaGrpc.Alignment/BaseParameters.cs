namespace SeaGrpc.Alignment;

/// <summary>Method <c>base</c>: one sample from the policy, scored but not aligned.</summary>
public sealed record BaseParameters : MethodParameters;
