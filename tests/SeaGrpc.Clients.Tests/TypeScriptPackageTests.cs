using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>The TypeScript client as npm packs it.</summary>
public sealed class TypeScriptPackageTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    /// <summary>No types but the package's own, each of them checked: a project without @types/node.</summary>
    private const string Settings = """
        {
          "compilerOptions": {
            "target": "es2022", "module": "nodenext", "strict": true, "skipLibCheck": false, "types": []
          },
          "files": ["program.ts", "web.ts"]
        }
        """;

    private const string Web = """
        import { chat, connect } from "@seagrpc/client/web";

        connect("http://127.0.0.1:8080", { token: "secret" }).align({ prompt: chat("Hello"), method: { case: "base", value: {} } });
        """;

    [Fact]
    public async Task It_packs_from_a_fresh_checkout_and_runs_in_an_empty_folder_whose_types_are_its_own()
    {
        using var folder = new TemporaryFolder();
        Checkout checkout = Checkout.Of(folder.Path, "clients/typescript", "clients/protos", "protos");
        await checkout.RunAsync(
            "/usr/bin/env",
            "npm",
            "pack",
            "./clients/typescript",
            "--prefer-offline",
            "--no-audit",
            "--loglevel=error"
        );
        Directory.CreateDirectory(folder.File("other"));
        await File.WriteAllTextAsync(folder.File("other/package.json"), """{ "private": true, "type": "module" }""");
        await File.WriteAllTextAsync(folder.File("other/tsconfig.json"), Settings);
        await File.WriteAllTextAsync(folder.File("other/web.ts"), Web);
        await checkout.RunAsync(
            "/usr/bin/env",
            "npm",
            "install",
            "--prefix",
            "other",
            "--prefer-offline",
            "--no-audit",
            "--loglevel=error",
            "./seagrpc-client-0.1.0.tgz"
        );
        // A dependency brings them; a project of its own may have none.
        Directory.Delete(folder.File("other/node_modules/@types"), recursive: true);
        await new ReadmePage("clients/typescript/README.md", "ts").CompareAsync(server.Address, async code =>
        {
            await File.WriteAllTextAsync(folder.File("other/program.ts"), code);
            await checkout.RunAsync(Path.Combine(Repository.Root, "clients/typescript/node_modules/.bin/tsc"), "-p", "other");
            return (await checkout.RunAsync("/usr/bin/env", "node", "other/program.js")).Output;
        });
    }
}
