using System.Diagnostics;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>The programs of one language: its conformance runner, its example.</summary>
/// <param name="Language">As the table names it.</param>
/// <param name="Runner">Command line of the runner, without the file of cases.</param>
/// <param name="Example">Command line of the example, without the address; null if there is none.</param>
/// <param name="BuiltFile">What building it makes, from the repository's root.</param>
internal sealed record ClientPrograms(string Language, string[] Runner, string[]? Example, string BuiltFile)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static IReadOnlyList<ClientPrograms> All { get; } =
    [
        new("csharp", ["dotnet", CSharp("Conformance")], ["dotnet", CSharp("Example")], CSharp("Conformance")),
        new("python", [Python, "-m", "seagrpc_conformance"], [Python, "clients/python/examples/progress.py"], PythonBuilt),
        new(
            "python-asyncio",
            [Python, "-m", "seagrpc_conformance", "--asyncio"],
            [Python, "clients/python/examples/progress_asyncio.py"],
            PythonBuilt
        ),
        new(
            "typescript",
            ["node", "clients/typescript/dist/conformance/node.js"],
            ["node", "clients/typescript/dist/examples/progress.js"],
            "clients/typescript/dist/conformance/node.js"
        ),
        new(
            "typescript-web",
            ["node", "clients/typescript/dist/conformance/browser.js"],
            null,
            "clients/typescript/dist/conformance/web-bundle.js"
        ),
        new("go", ["clients/go/build/conformance"], ["clients/go/build/progress"], "clients/go/build/conformance"),
        new(
            "java",
            ["java", JavaNative, "-cp", Java, "io.seagrpc.conformance.Runner"],
            ["java", "-cp", Java, "io.seagrpc.example.Progress"],
            JavaBuilt
        ),
        new(
            "java-async",
            ["java", JavaNative, "-cp", Java, "io.seagrpc.conformance.Runner", "--async"],
            ["java", "-cp", Java, "io.seagrpc.example.ProgressAsync"],
            JavaBuilt
        ),
    ];

    private const string Python = "/usr/bin/python3";
    private const string PythonBuilt = "clients/python/src/seagrpc/_generated/sea/v1/alignment_pb2.py";
    private const string JavaNative = "-Djava.library.path=clients/java/build/native";
    private const string JavaBuilt = "clients/java/build/seagrpc-client.jar";
    private const string Java = "clients/java/build/*:clients/java/build/lib/*";

    /// <summary>Whether it calls by gRPC-Web, from a page.</summary>
    public bool IsWeb => Language == "typescript-web";

    /// <summary>Runs the conformance runner and hands on every line as it comes.</summary>
    public async IAsyncEnumerable<string> RunAsync(string casesFile)
    {
        using Process process = Start([.. Runner, casesFile]);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            yield return line;
        }

        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(process.ExitCode == 0, $"The runner of {Language} ended with {process.ExitCode}: {await errors}");
    }

    /// <summary>Command lines of the examples of TLS, by language, without address and files.</summary>
    public static IReadOnlyDictionary<string, string[]> TlsExamples { get; } = new Dictionary<string, string[]>
    {
        ["csharp"] = ["dotnet", CSharp("Example"), "tls"],
        ["python"] = [Python, "clients/python/examples/tls.py"],
        ["typescript"] = ["node", "clients/typescript/dist/examples/tls.js"],
        ["go"] = ["clients/go/build/tls"],
        ["java"] = ["java", JavaNative, "-cp", Java, "io.seagrpc.example.Tls"],
    };

    /// <summary>Runs the example and returns what it writes.</summary>
    public Task<(int Code, string Output, string Errors)> ExampleAsync(string address) => RunAsync([.. Example!, address]);

    /// <summary>Runs the example of TLS and returns what it writes.</summary>
    /// <param name="address">The server.</param>
    /// <param name="files">The roots; the client's certificate and its key.</param>
    public Task<(int Code, string Output, string Errors)> TlsExampleAsync(string address, params string[] files) =>
        RunAsync([.. TlsExamples[Language], address, .. files]);

    private async Task<(int Code, string Output, string Errors)> RunAsync(string[] command)
    {
        using Process process = Start(command);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, output, await errors);
    }

    private static string CSharp(string program) =>
        Path.GetRelativePath(
            Repository.Root,
            Path.Combine(Repository.Root, $"clients/csharp/SeaGrpc.Client.{program}", BuildFolder, $"SeaGrpc.Client.{program}.dll")
        );

    /// <summary>bin/CONFIGURATION/FRAMEWORK/RUNTIME, as these tests' own.</summary>
    private static string BuildFolder
    {
        get
        {
            string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split('/');
            return string.Join('/', parts[Array.LastIndexOf(parts, "bin")..]);
        }
    }

    private Process Start(string[] command)
    {
        Assert.True(
            File.Exists(Path.Combine(Repository.Root, BuiltFile)),
            $"{BuiltFile} is missing: eng/clients.sh installs what the clients need and builds them."
        );
        var start = new ProcessStartInfo(
            command[0].Contains('/') && !Path.IsPathRooted(command[0]) ? Path.Combine(Repository.Root, command[0]) : command[0],
            command[1..]
        )
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONPATH"] = "clients/python/src:clients/python/conformance";
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException(
                $"{command[0]} cannot be started ({missing.Message}): eng/clients.sh installs what the clients need.",
                missing
            );
        }
    }
}
