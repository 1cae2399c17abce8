using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Server;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>The Python client as an ordinary package, built from a fresh checkout.</summary>
public sealed class PythonPackageTests
{
    /// <summary>No index, no isolation: the build takes Debian's setuptools and generators.</summary>
    private static readonly string[] Offline = [
        "--no-build-isolation", "--no-index", "--no-deps", "--quiet", "--disable-pip-version-check"];

    [Fact]
    public async Task It_installs_and_runs_outside_its_source_folder_and_type_checks()
    {
        using var folder = new TemporaryFolder();
        Checkout checkout = Checkout.Of(folder.Path, "clients/python", "clients/protos", "protos");
        string[] commands = new ReadmePage("clients/python/README.md", "python")
            .Commands(line => line.Contains("venv", StringComparison.Ordinal));
        Assert.Equal(2, commands.Length);
        await checkout.RunAsync("/usr/bin/env", "bash", "-e", "-c", string.Join('\n', commands));
        foreach (string made in new[] { "src", "build" })
        {
            Directory.Delete(Path.Combine(folder.Path, "clients/python", made), recursive: true);
        }

        (string installed, _) = await checkout.RunAsync("venv/bin/python", "-c", "import seagrpc; print(seagrpc.__file__)");
        Assert.StartsWith(Path.Combine(folder.Path, "venv"), installed);
        await File.WriteAllTextAsync(folder.File("typed.py"), PythonClientTests.Typed);
        await checkout.RunAsync(
            "/usr/bin/mypy", "--strict", "--python-executable", "venv/bin/python", "clients/python/examples/progress.py",
            "clients/python/examples/progress_asyncio.py", "clients/python/examples/tls.py", "typed.py");
        await using Sidecar server = await Sidecar.StartAsync(new Dictionary<string, string?> { ["SeaGrpc:Models:Threads"] = "1" });
        (string output, _) = await checkout.RunAsync("venv/bin/python", "clients/python/examples/progress.py", server.Address);
        Assert.Matches(@"^draft  -0\.\d+  .+\nanswer 2\.\d+  .+\n$", output);
    }

    [Fact]
    public async Task A_source_distribution_brings_the_contract_and_builds_the_same_wheel()
    {
        using var folder = new TemporaryFolder();
        Checkout checkout = Checkout.Of(folder.Path, "clients/python", "clients/protos", "protos");
        await checkout.RunAsync(
            "/usr/bin/python3", "-c",
            "import os; os.chdir('clients/python'); import setuptools.build_meta as build; build.build_sdist('../../sdist')");
        await checkout.RunAsync(
            ["/usr/bin/python3", "-m", "pip", "wheel", .. Offline, "--wheel-dir", "wheels/checkout", "./clients/python"]);
        await checkout.RunAsync(
            ["/usr/bin/python3", "-m", "pip", "wheel", .. Offline, "--wheel-dir", "wheels/sdist", "sdist/seagrpc-0.1.0.tar.gz"]);
        string[] wheel = await ContentsAsync("checkout");
        Assert.Equal(wheel, await ContentsAsync("sdist"));
        Assert.Contains("seagrpc/py.typed", wheel);
        Assert.Contains("seagrpc/_generated/sea/v1/alignment_service_pb2.py", wheel);
        Assert.Contains("seagrpc/_generated/sea/v1/alignment_service_pb2.pyi", wheel);

        async Task<string[]> ContentsAsync(string of) =>
            (await checkout.RunAsync("/usr/bin/python3", "-m", "zipfile", "--list", $"wheels/{of}/seagrpc-0.1.0-py3-none-any.whl"))
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Select(line => line.Split(' ')[0])
                .Order(StringComparer.Ordinal)
                .ToArray();
    }

    [Fact]
    public async Task A_release_builds_the_wheel_without_an_index_where_all_is_installed_and_else_says_what_to_install()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("eng"));
        Checkout checkout = Checkout.Of(folder.Path, "clients/python", "clients/protos", "protos", "eng/release.sh");
        await Release("/usr/bin/python3");
        Assert.True(File.Exists(folder.File("out/seagrpc-0.1.0-py3-none-any.whl")));

        await checkout.RunAsync("/usr/bin/python3", "-m", "venv", "--without-pip", "bare");
        string told = await Release("bare/bin/python", "! ");
        Assert.Contains("bare/bin/python lacks: pip, setuptools, wheel.\n", told);
        Assert.Contains("apt-get install python3-pip python3-setuptools python3-wheel protobuf-compiler", told);

        async Task<string> Release(string python, string not = "") => (await checkout.RunAsync(
            "/usr/bin/env", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=", $"PYTHON={python}", "bash", "-c",
            $"{not}bash eng/release.sh wheel out 2>&1")).Output;
    }
}
