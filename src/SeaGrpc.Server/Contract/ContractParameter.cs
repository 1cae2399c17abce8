using Google.Protobuf;
using Google.Protobuf.Reflection;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Contract;

/// <summary>A parameter and the contract field that carries it.</summary>
internal sealed class ContractParameter
{
    private readonly FieldDescriptor _field;

    /// <summary>Joins a parameter and its field.</summary>
    /// <exception cref="InvalidOperationException">The field has no presence or another type.</exception>
    public ContractParameter(Parameter parameter, FieldDescriptor field)
    {
        Parameter = parameter;
        _field = field;
        FieldType expected = parameter.Type switch
        {
            ParameterType.Integer => FieldType.Int32,
            ParameterType.Number => FieldType.Double,
            ParameterType.Boolean => FieldType.Bool,
            _ => FieldType.Enum,
        };
        if (field.FieldType != expected || field.IsRepeated || !field.HasPresence)
        {
            throw new InvalidOperationException(
                $"{field.FullName} must be an optional {expected} as the parameter {parameter.Property} is."
            );
        }

        Choices =
            parameter.Type == ParameterType.Enum
                ? new EnumMapping<object>(field.EnumType, parameter.Choices.Select(name => (name, Enum.Parse(parameter.ValueType, name))))
                : null;
    }

    /// <summary>The parameter.</summary>
    public Parameter Parameter { get; }

    /// <summary>The values of an enum; null for other types.</summary>
    public EnumMapping<object>? Choices { get; }

    /// <summary>Whether a message sets the field.</summary>
    public bool IsSet(IMessage message) => _field.Accessor.HasValue(message);

    /// <summary>The field's value: <c>int</c>, <c>double</c>, <c>bool</c>, or the number of an enum value.</summary>
    public object Get(IMessage message)
    {
        object value = _field.Accessor.GetValue(message);
        return Choices is null ? value : Convert.ToInt32(value);
    }

    /// <summary>Sets the field to a value of the parameter's own type.</summary>
    public void Set(IMessage message, object value) => _field.Accessor.SetValue(message, Choices?.Write(value) ?? value);

    /// <summary>Sets the field to the record's value. Leaves it unset if the value is null.</summary>
    public void Write(MethodParameters parameters, IMessage message)
    {
        if (Parameter.Get(parameters) is { } value)
        {
            Set(message, value);
        }
    }

    /// <summary>A value as it is written in a request's JSON: <c>0.3</c>, <c>true</c>, <c>SEA_STEP_ADAM</c>.</summary>
    public string Text(object value) => Choices?.NameOf(value) ?? ParameterText.Of(value);
}
