using System.Diagnostics;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>Prometheus' own programs, which the Debian package prometheus installs.</summary>
internal static class PrometheusPrograms
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs promtool, which must succeed.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it writes to both outputs.</returns>
    public static async Task<string> PromtoolAsync(string input, params string[] arguments)
    {
        using Process process = Start("promtool", arguments);
        using var patience = new CancellationTokenSource(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(patience.Token);
        string all = await output + await errors;
        Assert.True(process.ExitCode == 0, $"promtool {string.Join(' ', arguments)} ended with {process.ExitCode}: {all}");
        return all;
    }

    /// <summary>Starts one of the programs.</summary>
    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Array.ForEach(arguments, start.ArgumentList.Add);
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException($"{program} is not installed: apt-get install prometheus.", missing);
        }
    }
}
