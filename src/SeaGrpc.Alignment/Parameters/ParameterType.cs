namespace SeaGrpc.Alignment.Parameters;

/// <summary>The type of a parameter.</summary>
public enum ParameterType
{
    /// <summary>An integer: <c>int</c>, int32 in the contract.</summary>
    Integer,

    /// <summary>A real number: <c>double</c>.</summary>
    Number,

    /// <summary>True or false: <c>bool</c>.</summary>
    Boolean,

    /// <summary>One value of an enum.</summary>
    Enum,
}
