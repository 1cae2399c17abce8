using Google.Protobuf;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Contract;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Mapping;

/// <summary>Maps methods to the contract.</summary>
public static class MethodMapper
{
    /// <summary>Sets a method in a spec as it was written. Parameters that are not given stay unset.</summary>
    public static void Write(MethodText method, AlignmentSpec spec)
    {
        ContractMethod contract = ContractMethod.Of(method.Method);
        IMessage message = contract.NewMessage();
        if (method.Preset is { } preset)
        {
            contract.SetPreset(message, preset);
        }

        foreach (ContractParameter field in contract.Parameters)
        {
            if (method.Values.GetValueOrDefault(field.Parameter) is { } value)
            {
                field.Set(message, value);
            }
        }

        contract.Put(message, spec);
    }

    /// <summary>Sets a method in a spec, with every field set.</summary>
    public static void Write(MethodParameters method, AlignmentSpec spec) =>
        ContractMethod.Of(MethodSchema.Of(method)).Put(Of(method), spec);

    /// <summary>The method's message, with every field set.</summary>
    public static IMessage Of(MethodParameters method)
    {
        ContractMethod contract = ContractMethod.Of(MethodSchema.Of(method));
        IMessage message = contract.NewMessage();
        foreach (ContractParameter parameter in contract.Parameters)
        {
            parameter.Write(method, message);
        }

        return message;
    }
}
