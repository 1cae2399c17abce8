using Google.Protobuf;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using ParameterType = SeaGrpc.Alignment.Parameters.ParameterType;

namespace SeaGrpc.Server.Validation;

/// <summary>Validates a method's parameters and fills in the unset ones.</summary>
internal sealed class MethodValidator(LimitOptions limits)
{
    private readonly ParameterRules _rules = new(limits);

    /// <summary>The parameters, or those of the default method if the spec names none. Meaningless if there are violations.</summary>
    public MethodParameters Read(AlignmentSpec spec, string path, Violations violations)
    {
        ContractMethod method = ContractMethod.In(spec) ?? ContractMethod.Default;
        IMessage message = method.MessageIn(spec) ?? method.NewMessage();
        var read = new FieldReader($"{path}.{method.Name}", violations);
        MethodParameters parameters = Preset(method, message, read).Parameters;
        foreach (ContractParameter field in method.Parameters)
        {
            ParameterBounds bounds = _rules.Of(field.Parameter, parameters, hasDraft: spec.DraftResponse is not null);
            object? value = field.IsSet(message) ? Value(field, field.Get(message), bounds, read) : bounds.Absent;
            if (!Equals(value, field.Parameter.Get(parameters)))
            {
                parameters = field.Parameter.With(parameters, value);
            }
        }

        return parameters;
    }

    /// <summary>Number of chains (or parallel candidates) that a method reports.</summary>
    public static int ChainCount(MethodParameters method) => method switch
    {
        Alignment.Sea.SeaParameters sea => sea.Chains,
        Alignment.ChunkBeamSearch.ChunkBeamSearchParameters search => search.BeamWidth,
        Alignment.EnergySearch.EnergySearchParameters => 1,
        _ => 1,
    };

    /// <summary>The preset that unset parameters come from: the one that is named, or the one that another field implies.</summary>
    private static Preset Preset(ContractMethod method, IMessage message, FieldReader read)
    {
        Preset implied = method.Implied(message);
        return method.PresetNumber(message) is { } number
            ? read.Choice(MethodSchema.PresetKey, number, method.Presets!, implied)!
            : implied;
    }

    /// <summary>A field's value if it is valid. Otherwise adds a violation and returns the value for an unset field.</summary>
    private static object? Value(ContractParameter field, object value, ParameterBounds bounds, FieldReader read) =>
        field.Parameter.Type switch
        {
            ParameterType.Integer => read.Accepts(field.Parameter.Name, (int)value, bounds.Range!.Value, bounds.Note)
                ? value
                : bounds.Absent,
            ParameterType.Number => read.Accepts(field.Parameter.Name, (double)value, bounds.Range!.Value) ? value : bounds.Absent,
            ParameterType.Enum => read.Choice(field.Parameter.Name, (int)value, field.Choices!, bounds.Absent),
            _ => value,
        };
}
