using System.Runtime.InteropServices;

namespace SeaGrpc.Lab.Evaluation;

/// <summary>The machine that produced the results.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Cores">Logical cores that the process may use.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">The .NET runtime.</param>
public sealed record RunningMachine(string Processor, int Cores, string System, string Runtime)
{
    /// <summary>This machine.</summary>
    public static RunningMachine Here() => new(
        ProcessorName(), Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);

    private static string ProcessorName()
    {
        const string File = "/proc/cpuinfo";
        string? line = global::System.IO.File.Exists(File)
            ? global::System.IO.File.ReadLines(File).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
