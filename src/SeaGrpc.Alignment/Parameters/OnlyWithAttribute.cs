namespace SeaGrpc.Alignment.Parameters;

/// <summary>Marks a parameter that has an effect only if another one has a certain value.</summary>
/// <param name="property">Name of the other parameter's property.</param>
/// <param name="value">The value that it needs.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OnlyWithAttribute(string property, object value) : Attribute
{
    /// <summary>Name of the other parameter's property.</summary>
    public string Property { get; } = property;

    /// <summary>The value that it needs.</summary>
    public object Value { get; } = value;
}
