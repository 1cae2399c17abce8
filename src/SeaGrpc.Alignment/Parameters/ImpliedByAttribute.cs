namespace SeaGrpc.Alignment.Parameters;

/// <summary>Marks a preset that applies if no preset is named and a parameter has a certain value.</summary>
/// <param name="property">Name of the parameter's property.</param>
/// <param name="value">The value.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImpliedByAttribute(string property, object value) : Attribute
{
    /// <summary>Name of the parameter's property.</summary>
    public string Property { get; } = property;

    /// <summary>The value that implies the preset.</summary>
    public object Value { get; } = value;
}
