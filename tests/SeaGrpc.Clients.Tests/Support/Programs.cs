using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>Runs the text of a program with a client that eng/clients.sh has built.</summary>
internal static partial class Programs
{
    private static readonly string Clients = Path.Combine(Repository.Root, "clients");

    /// <summary>Runs it, asserts that it ends by itself and well, and returns what it prints.</summary>
    /// <param name="language">python, node, go or java.</param>
    /// <param name="code">A whole program.</param>
    /// <param name="folder">Where it is put.</param>
    public static async Task<string> RunAsync(string language, string code, string folder)
    {
        string file = Path.Combine(folder, language switch
        {
            "python" => "program.py",
            "node" => "program.mjs",
            "go" => "program.go",
            _ => $"{JavaClass().Match(code).Groups[1].Value}.java",
        });
        await File.WriteAllTextAsync(file, code);
        (string output, _) = await new Checkout(folder).RunAsync(Command(language, file));
        return output;
    }

    private static string[] Command(string language, string file)
    {
        switch (language)
        {
            case "python":
                return ["/usr/bin/env", $"PYTHONPATH={Clients}/python/src", "/usr/bin/python3", file];
            case "node":
                string packages = Path.Combine(Path.GetDirectoryName(file)!, "node_modules/@seagrpc");
                Directory.CreateDirectory(packages);
                File.CreateSymbolicLink(Path.Combine(packages, "client"), Path.Combine(Clients, "typescript"));
                return ["/usr/bin/env", "node", file];
            case "go":
                return [
                    "/usr/bin/env", "CGO_ENABLED=0", "GO111MODULE=off", "GOFLAGS=", $"GOPATH={Clients}/go/build/gopath:/usr/share/gocode",
                    "go", "run", file];
            default:
                return ["/usr/bin/env", "java", "-cp", $"{Clients}/java/build/seagrpc-client.jar:{Clients}/java/build/lib/*", file];
        }
    }

    [GeneratedRegex(@"public class (\w+)")]
    private static partial Regex JavaClass();
}
