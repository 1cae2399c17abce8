using Google.Protobuf;
using SeaGrpc.Alignment;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Mapping;

/// <summary>Writes complete parameters in the contract's form, every field set.</summary>
public static class MethodMapper
{
    /// <summary>Puts a method into a spec.</summary>
    public static void Write(MethodParameters method, AlignmentSpec spec) => ContractMethod.Of(method).Put(Of(method), spec);

    /// <summary>The method's message.</summary>
    public static IMessage Of(MethodParameters method)
    {
        ContractMethod contract = ContractMethod.Of(method);
        IMessage message = contract.NewMessage();
        foreach (ContractParameter parameter in contract.Parameters)
        {
            parameter.Write(method, message);
        }

        return message;
    }
}
