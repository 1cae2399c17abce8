using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Resolves an operator's device setting.</summary>
internal static class ModelDevice
{
    /// <summary>Resolves cpu, cuda, cuda:N or auto.</summary>
    /// <exception cref="ArgumentException">The setting is none of these, or there is no such device.</exception>
    public static Device Resolve(string name)
    {
        bool available = cuda_is_available();
        if (name == "auto")
        {
            return new Device(available ? DeviceType.CUDA : DeviceType.CPU, available ? 0 : -1);
        }

        if (name == "cpu")
        {
            return new Device(DeviceType.CPU);
        }

        int index = 0;
        if (name != "cuda"
            && !(
                name.StartsWith("cuda:", StringComparison.Ordinal)
                    && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index)))
        {
            throw new ArgumentException($"The device \"{name}\" is not known: use cpu, cuda, cuda:N or auto.");
        }

        if (!available || index >= cuda.device_count())
        {
            string cause = available
                ? $"there are only {cuda.device_count()} CUDA devices"
                : "there is no CUDA device, or this build has no libtorch for it (build with -p:Accelerator=cuda, "
                    + $"or with -p:Accelerator=external and set {LibTorch.Variable})";
            throw new ArgumentException($"The device {name} was requested, but {cause}: use cpu or auto.");
        }

        return new Device(DeviceType.CUDA, index);
    }
}
