using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Where a tensor's numbers are in the process's memory.</summary>
internal static unsafe class TensorPointer
{
    /// <summary>The address of a CPU tensor's first number; valid as long as the tensor lives.</summary>
    public static T* Of<T>(Tensor tensor)
        where T : unmanaged
    {
        if (tensor.NumberOfElements * tensor.ElementSize <= int.MaxValue && tensor.is_contiguous())
        {
            return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        }

        // The span of a large tensor would be too long: that of its first number begins at the same place.
        using Tensor first = tensor.as_strided([1], [1], tensor.storage_offset());
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
