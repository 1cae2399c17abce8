namespace SeaGrpc.Alignment.Parameters;

/// <summary>What a parameter takes.</summary>
public enum ParameterType
{
    /// <summary>A whole number: <c>int</c>, int32 in the contract.</summary>
    Integer,

    /// <summary>A real number: <c>double</c>.</summary>
    Number,

    /// <summary>True or false: <c>bool</c>.</summary>
    Boolean,

    /// <summary>One value of an enum.</summary>
    Enum,
}
