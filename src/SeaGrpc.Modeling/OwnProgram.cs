using System.Diagnostics;
using System.Reflection;

namespace SeaGrpc.Modeling;

/// <summary>This program, to be started again as a process of its own.</summary>
public static class OwnProgram
{
    /// <summary>How to start it, whether it runs as an executable or as <c>dotnet program.dll</c>; standard output is redirected.</summary>
    /// <param name="arguments">What it is given.</param>
    /// <exception cref="InvalidOperationException">The system does not tell where this program is.</exception>
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
