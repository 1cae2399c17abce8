using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using ParameterType = SeaGrpc.V1.ParameterType;

namespace SeaGrpc.Server.Mapping;

/// <summary>Maps the description of a method's parameters to the contract.</summary>
internal static class ParameterInfoMapper
{
    private const string PresetDescription = "Where the parameters that are not set come from.";

    /// <summary>Describes a method that is implemented here.</summary>
    public static MethodInfo Of(ContractMethod method, LimitOptions limits)
    {
        var info = new MethodInfo { Name = method.Name, Available = true };
        if (method.Presets is { } presets)
        {
            info.Parameters.Add(
                new ParameterInfo
                {
                    Name = MethodSchema.PresetKey,
                    Type = ParameterType.Enum,
                    Description = PresetDescription,
                    Values = { presets.Names },
                    Defaults =
                    {
                        method.Schema.Presets.Select(preset => new ParameterDefault
                        {
                            Preset = preset.Name,
                            Value = presets.NameOf(preset),
                        }),
                    },
                }
            );
        }

        info.Parameters.AddRange(method.Parameters.Select(field => Parameter(method, field, limits)));
        return info;
    }

    private static ParameterInfo Parameter(ContractMethod method, ContractParameter field, LimitOptions limits)
    {
        Parameter parameter = field.Parameter;
        var info = new ParameterInfo
        {
            Name = parameter.Name,
            Type = Enum.Parse<ParameterType>(parameter.Type.ToString()),
            Description = parameter.Description,
            Unit = parameter.Unit,
            Values = { field.Choices?.Names ?? [] },
            Defaults =
            {
                method.Schema.Presets.Select(preset => (preset.Name, Value: parameter.Get(preset.Parameters)))
                    .Where(one => one.Value is not null)
                    .Select(one => new ParameterDefault { Preset = one.Name, Value = field.Text(one.Value!) }),
            },
        };
        if (limits.Within(parameter) is { } range)
        {
            info.Minimum = range.Minimum;
            info.Maximum = range.Maximum;
            Set(range.Above, bound => info.ExclusiveMinimum = bound);
            Set(range.Below, bound => info.ExclusiveMaximum = bound);
        }

        return info;
    }

    private static void Set(double? bound, Action<double> set)
    {
        if (bound is { } given)
        {
            set(given);
        }
    }
}
