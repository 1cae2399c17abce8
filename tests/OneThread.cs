using System.Runtime.CompilerServices;

namespace SeaGrpc.Testing;

/// <summary>
/// One tensor thread, as for every small policy that is served. Tiny tensors gain nothing from more, and the threads would compete with
/// the other tests for the same cores.
/// </summary>
internal static class OneThread
{
    [ModuleInitializer]
    internal static void Use() => TorchSharp.torch.set_num_threads(1);
}
