using System.Reflection;

namespace SeaGrpc.Alignment.Parameters;

/// <summary>One parameter of a method, read from the property that declares it.</summary>
public sealed class Parameter
{
    private readonly PropertyInfo _property;

    /// <summary>Reads a declaration.</summary>
    /// <exception cref="InvalidOperationException">The type or the bounds are not valid for a parameter.</exception>
    internal Parameter(PropertyInfo property, ParameterAttribute declared)
    {
        _property = property;
        ValueType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsOptional = ValueType != property.PropertyType;
        Type = ValueType == typeof(int) ? ParameterType.Integer
            : ValueType == typeof(double) ? ParameterType.Number
            : ValueType == typeof(bool) ? ParameterType.Boolean
            : ValueType.IsEnum ? ParameterType.Enum
            : throw new InvalidOperationException(
                $"{property.DeclaringType?.Name}.{property.Name} has type {ValueType.Name}, but must be int, double, bool or an enum.");
        Name = declared.Name ?? ContractNames.Snake(property.Name);
        Description = declared.Description;
        Unit = declared.Unit;
        Limit = declared.Limit;
        Range = ParameterRange.Of(declared, Type);
        OnlyWith = property.GetCustomAttribute<OnlyWithAttribute>();
        Choices = Type == ParameterType.Enum ? [.. Enum.GetNames(ValueType)] : [];
    }

    /// <summary>Its name in the contract, for example <c>step_size</c>.</summary>
    public string Name { get; }

    /// <summary>Name of the property that declares it.</summary>
    public string Property => _property.Name;

    /// <summary>The type that it accepts.</summary>
    public ParameterType Type { get; }

    /// <summary>The type of its values, never nullable.</summary>
    public Type ValueType { get; }

    /// <summary>Whether it may have no value.</summary>
    public bool IsOptional { get; }

    /// <summary>What it does.</summary>
    public string Description { get; }

    /// <summary>Its unit; empty if it has none.</summary>
    public string Unit { get; }

    /// <summary>Its range, if it is a number.</summary>
    public ParameterRange? Range { get; }

    /// <summary>The server's limit that bounds it.</summary>
    public RequestLimit Limit { get; }

    /// <summary>The value that another parameter must have for this one to have an effect; null if it always has one.</summary>
    public OnlyWithAttribute? OnlyWith { get; }

    /// <summary>The names of an enum's values in the code; empty for other types.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <summary>The value in a record; null if an optional parameter is not set.</summary>
    public object? Get(MethodParameters parameters) => _property.GetValue(parameters);

    /// <summary>A copy of a record with another value.</summary>
    public MethodParameters With(MethodParameters parameters, object? value)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        MethodParameters copy = parameters with { };
        _property.SetValue(copy, value);
        return copy;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
