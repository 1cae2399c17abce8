using System.Runtime.InteropServices;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.SelfCheck;

/// <summary>
/// Runs named checks in order and writes one line before and one after each, so that the name is known if a check crashes.
/// </summary>
/// <param name="output">Receives the lines.</param>
public sealed class SelfCheckReport(TextWriter output)
{
    internal const string Begun = "check   ";
    internal const string Failed = "FAILED  ";
    private const string Passed = "ok      ";

    /// <summary>Whether every check passed so far.</summary>
    public bool AllPassed { get; private set; } = true;

    /// <summary>Writes a line that is not a check.</summary>
    public void Note(string text) => Write("        " + text);

    /// <summary>Runs a check.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="check">
    /// Throws if it fails: <see cref="SelfCheckException"/> with the difference, or any exception from libtorch.
    /// </param>
    public void Run(string name, Action check)
    {
        ArgumentNullException.ThrowIfNull(check);
        Write(Begun + name);
        try
        {
            check();
            Write(Passed + name);
        }
        catch (Exception failure) when (failure is SelfCheckException or LibTorchException or CheckpointException or ExternalException
            or ArgumentException or InvalidOperationException or IOException or TypeInitializationException
            or DllNotFoundException or EntryPointNotFoundException or NotSupportedException)
        {
            AllPassed = false;
            string first = (failure is TypeInitializationException { InnerException: { } cause } ? cause : failure).Message.Split('\n')[0]
                .Trim()
                .TrimEnd('.');
            Write($"{Failed}{name}: {first}");
        }
    }

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}

/// <summary>A result of libtorch differs from the known one.</summary>
public sealed class SelfCheckException(string message) : Exception(message);
