using System.Diagnostics;

namespace SeaGrpc.Modeling.SelfCheck;

/// <summary>
/// Runs this program again with <see cref="Argument"/>, because an incompatible libtorch may crash the process that computes with it.
/// </summary>
public static class SelfCheckProcess
{
    /// <summary>The argument with which a program runs only the self-check. The exit code is 0 if everything passed.</summary>
    public const string Argument = "--self-check";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs the self-check in a child process, with this process's environment.</summary>
    /// <returns>What failed, as one sentence; null if everything passed.</returns>
    internal static string? FindFailure()
    {
        using var process = new Process { StartInfo = OwnProgram.With(Argument) };
        process.StartInfo.RedirectStandardError = true;
        var lines = new List<string>();
        DataReceivedEventHandler keep = (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
            {
                lock (lines)
                {
                    lines.Add(text);
                }
            }
        };
        process.OutputDataReceived += keep;
        process.ErrorDataReceived += keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            return $"it did not end within {Patience.TotalMinutes:0} minutes.";
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? null : Describe(lines, process.ExitCode);
    }

    private static string Describe(List<string> lines, int exitCode)
    {
        string[] failed =
        [
            .. lines
                .Where(line => line.StartsWith(SelfCheckReport.Failed, StringComparison.Ordinal))
                .Select(line => line[SelfCheckReport.Failed.Length..].Trim()),
        ];
        if (failed.Length > 0)
        {
            return string.Join("; ", failed) + ".";
        }

        string? begun = lines.LastOrDefault(line => line.StartsWith(SelfCheckReport.Begun, StringComparison.Ordinal))?[
            SelfCheckReport.Begun.Length..].Trim();
        return begun is null
            ? $"it ended with exit code {exitCode}{(lines.Count > 0 ? $": {lines[^1]}" : "")}."
            : $"the process ended in the check \"{begun}\" with exit code {exitCode}.";
    }
}
