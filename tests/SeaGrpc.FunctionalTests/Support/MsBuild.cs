using System.Diagnostics;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>Asks MSBuild about a project of this repository.</summary>
internal static class MsBuild
{
    /// <summary>Evaluates it.</summary>
    /// <param name="project">Its name, of src.</param>
    /// <param name="arguments">What to ask for and with which properties: -getItem, -getProperty, -t, -p.</param>
    public static async Task<(int ExitCode, string Output)> AskAsync(string project, params string[] arguments)
    {
        string file = Path.Combine(Repository.Root, "src", project, $"{project}.csproj");
        var start = new ProcessStartInfo("dotnet", ["msbuild", file, "-nologo", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process build = Process.Start(start)!;
        Task<string> error = build.StandardError.ReadToEndAsync();
        string output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        return (build.ExitCode, output + await error);
    }
}
