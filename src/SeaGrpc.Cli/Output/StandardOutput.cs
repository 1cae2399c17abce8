using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SeaGrpc.Cli.Output;

/// <summary>Standard output for a pipe or a file.</summary>
internal static class StandardOutput
{
    private const int BrokenPipe = 32;

    /// <summary>
    /// Opens it so that a reader that has gone away is an <see cref="IOException"/>, which <see cref="Console.Out"/> hides.
    /// Every write is flushed.
    /// </summary>
    public static TextWriter Open()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.Out;
        }

        // A file has no reader that goes away, and FileStream would write it at offsets of its own, over what others write.
        var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return new StreamWriter(
            pipe.CanSeek ? Console.OpenStandardOutput() : pipe,
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
        )
        {
            AutoFlush = true,
            NewLine = "\n",
        };
    }

    /// <summary>Whether an error says that the reader has gone away.</summary>
    public static bool IsClosed(IOException error) => error.HResult == BrokenPipe;
}
