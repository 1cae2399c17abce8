using SeaGrpc.Modeling;
using SeaGrpc.Modeling.SelfCheck;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.SelfCheck;

/// <summary>
/// Checks whether the libtorch of this process computes correctly: its symbols, tensors created and viewed in every way that is used, and
/// one iteration of SEA.
/// </summary>
public static class LibTorchSelfCheck
{
    /// <summary>Runs every check and writes a line before and after each.</summary>
    /// <param name="output">Receives the lines.</param>
    /// <returns>The exit code: 0 if every check passed, else 1.</returns>
    public static int Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var report = new SelfCheckReport(output);
        report.Run("symbols of libtorch", LibTorch.LoadForSelfCheck);
        if (!report.AllPassed)
        {
            return 1;
        }

        report.Note(
            $"libtorch {LibTorch.Version}{(LibTorch.Folder is { } folder ? $" of {folder}" : "")}; "
                + $"known to work: {LibTorch.KnownVersions}");
        string[] devices = [];
        report.Run("devices", () => devices = cuda_is_available() ? ["cpu", "cuda"] : ["cpu"]);
        foreach (string device in devices)
        {
            TensorSelfCheck.Run(report, device);
            report.Run($"one iteration of SEA on {device}", () => SeaSelfCheck.Run(device));
        }

        output.WriteLine(report.AllPassed ? "The self-check passed." : "The self-check failed.");
        return report.AllPassed ? 0 : 1;
    }
}
