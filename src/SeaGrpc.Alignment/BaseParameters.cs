namespace SeaGrpc.Alignment;

/// <summary>Method <c>base</c>: one sample of the policy, scored, not aligned.</summary>
public sealed record BaseParameters : MethodParameters;
