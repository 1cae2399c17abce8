using System.Text.RegularExpressions;
using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>The Go client as a module that other modules import.</summary>
public sealed partial class GoModuleTests
{
    private const string Module = "github.com/seagrpc/seagrpc/clients/go";
    private const string Libraries = "/usr/share/gocode/src";
    private static readonly string[] Generated = ["sea/v1", "internal/errorsv1"];

    /// <summary>
    /// Comments count too, which the module's own test cannot see. Code of other generators than those that made the committed code is
    /// not alike, so of theirs only the files' names are compared; the module's own test, which build.sh runs, compares the contract
    /// itself.
    /// </summary>
    [Fact]
    public async Task Generating_its_code_anew_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        await new Checkout(folder.Path).RunAsync(Path.Combine(Repository.Root, "clients/go/generate.sh"), folder.Path);
        foreach (string package in Generated)
        {
            SortedDictionary<string, string> committed = Read(Path.Combine(Repository.Root, "clients/go", package));
            SortedDictionary<string, string> fresh = Read(folder.File(package));
            Assert.Equal(committed.Keys, fresh.Keys);
            foreach ((string file, string code) in committed.Where(
                each => Generator().Match(each.Value).Value == Generator().Match(fresh[each.Key]).Value))
            {
                Assert.True(
                    Compiler().Replace(code, "") == Compiler().Replace(fresh[file], ""),
                    $"clients/go/{package}/{file} is out of date: clients/go/generate.sh");
            }
        }
    }

    [Fact]
    public async Task Another_module_imports_it_and_runs()
    {
        using var folder = new TemporaryFolder();
        var other = new Checkout(folder.Path);
        (string go, _) = await other.RunAsync("/usr/bin/go", "version");
        string language = Language().Match(go).Groups[1].Value;
        var goMod = new List<string> { "module example.com/other", $"go {language}" };
        foreach (string module in await ModulesAsync())
        {
            // Without what it requires: the other module requires all of it. Debian patches some for its own version of the language.
            CopySources(new DirectoryInfo(Path.Combine(Libraries, module)), folder.File($"modules/{module}"));
            await File.WriteAllLinesAsync(folder.File($"modules/{module}/go.mod"), [$"module {module}", $"go {language}"]);
            goMod.Add($"require {module} v0.0.0");
            goMod.Add($"replace {module} => ./modules/{module}");
        }

        // The versions that the client asks for are not to be had without a proxy: Debian's copies stand in for them.
        Checkout.Of(folder.File("checkout"), "clients/go");
        goMod.AddRange([$"require {Module} v0.0.0", $"replace {Module} => ./checkout/clients/go"]);
        await File.WriteAllLinesAsync(folder.File("go.mod"), goMod);
        await File.WriteAllTextAsync(folder.File("main.go"), Program);
        await other.RunAsync(
            "/usr/bin/env", "CGO_ENABLED=0", "GO111MODULE=on", "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod",
            $"GOPATH={folder.File("gopath")}", "go", "build", "-o", "other", ".");
        await using Sidecar server = await Sidecar.StartAsync(new Dictionary<string, string?> { ["SeaGrpc:Models:Threads"] = "1" });
        (string output, _) = await other.RunAsync("other", server.Address);
        Assert.Equal("0.1.0", output.Split(' ')[0]);
    }

    /// <summary>A program that another module would have.</summary>
    private const string Program = """
        package main

        import (
        	"context"
        	"fmt"
        	"os"

        	seagrpc "github.com/seagrpc/seagrpc/clients/go"
        	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
        )

        func main() {
        	client, err := seagrpc.New(os.Args[1], seagrpc.Options{})
        	if err != nil {
        		panic(err)
        	}
        	defer client.Close()
        	info, err := client.ServerInfo(context.Background())
        	if err != nil {
        		panic(err)
        	}
        	fmt.Println(info.GetServerVersion(), seav1.Role_ROLE_USER)
        }
        """;

    [GeneratedRegex("protoc-gen-go v[0-9.]+|SupportPackageIsVersion[0-9]+")]
    private static partial Regex Generator();

    [GeneratedRegex(@"(?m)^//.*\sprotoc(-gen-go-grpc)?\s+v.*\n")]
    private static partial Regex Compiler();

    [GeneratedRegex(@"go(1\.[0-9]+)")]
    private static partial Regex Language();

    private static SortedDictionary<string, string> Read(string folder) =>
        new(Directory.GetFiles(folder, "*.go").ToDictionary(file => Path.GetFileName(file), File.ReadAllText), StringComparer.Ordinal);

    /// <summary>Every module that the client is built of, as Debian has them.</summary>
    private static async Task<string[]> ModulesAsync()
    {
        var built = new Checkout(Path.Combine(Repository.Root, "clients/go/build/gopath/src", Module));
        (string packages, _) = await built.RunAsync(
            "/usr/bin/env", "CGO_ENABLED=0", "GO111MODULE=off",
            $"GOPATH={Path.Combine(Repository.Root, "clients/go/build/gopath")}:/usr/share/gocode", "go", "list", "-deps", ".");
        return [.. packages.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(package => Directory.Exists(Path.Combine(Libraries, package)))
            .Select(ModuleOf)
            .Distinct()];
    }

    private static string ModuleOf(string package)
    {
        string folder = package;
        while (!File.Exists(Path.Combine(Libraries, folder, "go.mod")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>Copies the sources of one module, without those of modules below it.</summary>
    private static void CopySources(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileInfo file in from.EnumerateFiles().Where(file => !file.Name.EndsWith("_test.go", StringComparison.Ordinal)))
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }

        foreach (DirectoryInfo folder in from.EnumerateDirectories()
            .Where(folder => folder.Name != "testdata" && !File.Exists(Path.Combine(folder.FullName, "go.mod"))))
        {
            CopySources(folder, Path.Combine(to, folder.Name));
        }
    }
}
