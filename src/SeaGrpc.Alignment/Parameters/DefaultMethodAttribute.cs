namespace SeaGrpc.Alignment.Parameters;

/// <summary>Marks the parameters of the default method. Exactly one record has it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class DefaultMethodAttribute : Attribute;
