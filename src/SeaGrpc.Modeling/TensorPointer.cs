using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Addresses of tensors in the process's memory.</summary>
internal static unsafe class TensorPointer
{
    /// <summary>The address of a CPU tensor's first number. Valid as long as the tensor lives.</summary>
    public static T* Of<T>(Tensor tensor)
        where T : unmanaged
    {
        if (tensor.NumberOfElements * tensor.ElementSize <= int.MaxValue && tensor.is_contiguous())
        {
            return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        }

        // The span of a large tensor would be too long. The span of its first number starts at the same address.
        using Tensor first = tensor.as_strided([1], [1], tensor.storage_offset());
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
