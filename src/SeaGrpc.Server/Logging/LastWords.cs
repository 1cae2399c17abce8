using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SeaGrpc.Server.Logging;

/// <summary>Writes to standard error when the process is about to end. Waits while somebody reads, but only for a moment.</summary>
internal static class LastWords
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Writes a line. Returns whether it was written.</summary>
    public static bool Write(string line)
    {
        // A background thread of its own, because a write to a full pipe cannot be cancelled.
        var writer = new Thread(() =>
        {
            try
            {
                using Stream errors = OpenErrors();
                errors.Write(Encoding.UTF8.GetBytes($"{line}\n"));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Nobody can be told.
            }
        })
        {
            IsBackground = true,
        };
        writer.Start();
        return writer.Join(Patience);
    }

    /// <summary>Bypasses the console, whose streams wait for each other: one that nobody reads would block this one.</summary>
    private static Stream OpenErrors()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardError();
        }

        // A file blocks nobody, and FileStream would write it at an offset of its own, where others write next.
        var errors = new FileStream(new SafeFileHandle(2, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return errors.CanSeek ? Console.OpenStandardError() : errors;
    }
}
