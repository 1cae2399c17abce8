using System.Diagnostics;
using System.Reflection;

namespace SeaGrpc.Modeling;

/// <summary>This program, for starting it again as another process.</summary>
public static class OwnProgram
{
    /// <summary>
    /// Start information for this program, whether it runs as an executable or as <c>dotnet program.dll</c>. Standard output is redirected.
    /// </summary>
    /// <param name="arguments">The arguments to pass.</param>
    /// <exception cref="InvalidOperationException">The system does not report the program's path.</exception>
    public static ProcessStartInfo With(params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        string program = Environment.ProcessPath
            ?? throw new InvalidOperationException("This program cannot start itself again: its path is not known.");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet" && Assembly.GetEntryAssembly()?.Location is { Length: > 0 } entry)
        {
            start.ArgumentList.Add(entry);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}
