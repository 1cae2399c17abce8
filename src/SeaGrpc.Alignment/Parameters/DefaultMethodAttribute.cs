namespace SeaGrpc.Alignment.Parameters;

/// <summary>Marks the parameters of the method that runs where none is named; one record has it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class DefaultMethodAttribute : Attribute;
