using SeaGrpc.Modeling;

namespace SeaGrpc.Cli.Serve;

/// <summary>Memory in which models that run on the CPU must fit.</summary>
internal static class ModelMemory
{
    /// <summary>The memory in bytes; null if the device is a GPU, or may be one.</summary>
    /// <param name="device">cpu, cuda, cuda:N or auto.</param>
    public static long? OfHost(string device) =>
        device == "cpu" || (device == "auto" && !DeviceMemory.HasGpu) ? HostMemory.LimitBytes : null;
}
