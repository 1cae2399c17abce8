using System.Diagnostics;

namespace SeaGrpc.FunctionalTests.Deploy;

/// <summary>Runs another project's program to its end.</summary>
internal static class Programs
{
    /// <summary>Runs it.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="arguments">Its command line.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
