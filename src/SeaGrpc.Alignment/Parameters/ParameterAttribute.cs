namespace SeaGrpc.Alignment.Parameters;

/// <summary>Declares a property of a <see cref="MethodParameters"/> record as a parameter of the method.</summary>
/// <remarks>
/// The contract has a field of the same name in the message of the same name. Everything else is read from the declaration: validation, the
/// mapping to protobuf, GetServerInfo, the command line and the tables in the documentation (docs/adding-a-parameter.md).
/// The property's type says what the parameter takes: <c>int</c>, <c>double</c>, <c>bool</c> or an enum; nullable where it may be left
/// unset.
/// </remarks>
/// <param name="description">
/// What the parameter does, in sentences that call enum values and other parameters by their names in the contract. Range, unit and default
/// are not part of it.
/// </param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ParameterAttribute(string description) : Attribute
{
    /// <summary>What the parameter does.</summary>
    public string Description { get; } = description;

    /// <summary>The unit of a number, such as <c>nats</c>; empty for a number without one.</summary>
    public string Unit { get; init; } = string.Empty;

    /// <summary>Smallest value of a number.</summary>
    public double AtLeast { get; init; } = double.NaN;

    /// <summary>The number must be above this value.</summary>
    public double Above { get; init; } = double.NaN;

    /// <summary>Largest value of a number.</summary>
    public double AtMost { get; init; } = double.NaN;

    /// <summary>The number must be below this value.</summary>
    public double Below { get; init; } = double.NaN;

    /// <summary>The server's limit that a number may not exceed.</summary>
    public RequestLimit Limit { get; init; }

    /// <summary>The parameter's name in the contract, if it differs from the property's.</summary>
    public string? Name { get; init; }
}
