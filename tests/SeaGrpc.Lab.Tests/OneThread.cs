using System.Runtime.CompilerServices;

namespace SeaGrpc.Lab.Tests;

/// <summary>Tiny tensors gain nothing from threads, and lose much where other tests use the same cores.</summary>
internal static class OneThread
{
    [ModuleInitializer]
    internal static void Use() => TorchSharp.torch.set_num_threads(1);
}
