using System.Diagnostics;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>
/// A copy of folders of this repository as a fresh checkout has them, without what was generated or built, and commands in it.
/// </summary>
internal sealed class Checkout(string root)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly string[] Made = ["_generated", "__pycache__", "bin", "build", "dist", "gen", "node_modules", "obj", "target"];

    public string Root { get; } = root;

    /// <summary>Copies folders and files, given from the repository's root.</summary>
    public static Checkout Of(string root, params string[] paths)
    {
        foreach (string path in paths)
        {
            string from = Path.Combine(Repository.Root, path);
            if (File.Exists(from))
            {
                File.Copy(from, Path.Combine(root, path));
            }
            else
            {
                Copy(new DirectoryInfo(from), Path.Combine(root, path));
            }
        }

        return new Checkout(root);
    }

    /// <summary>
    /// Runs a command, given by its path from the root, in the copy's root, asserts that it succeeds, and returns what it writes.
    /// </summary>
    public async Task<(string Output, string Errors)> RunAsync(params string[] command)
    {
        string program = command[0].StartsWith('/') ? command[0] : Path.Combine(Root, command[0]);
        var start = new ProcessStartInfo(program, command[1..])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output;
        try
        {
            output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', command)} has not ended after {Patience}.");
        }

        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}:\n{output}{await errors}");
        return (output, await errors);
    }

    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileInfo file in from.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }

        foreach (DirectoryInfo folder in from.EnumerateDirectories()
            .Where(folder => !Made.Contains(folder.Name) && !folder.Name.EndsWith(".egg-info", StringComparison.Ordinal)))
        {
            Copy(folder, Path.Combine(to, folder.Name));
        }
    }
}
