using System.Runtime.Intrinsics;
using System.Text.Json;
using SeaGrpc.Cli;
using SeaGrpc.Modeling.Inspection;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Bench.Tests;

[Trait("tier", "slow")]
public sealed class BenchCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Load_makes_models_that_can_be_served_and_measures_them()
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "load", "--small", "--make", _folder, "--tokens", "4", "--method", "sea[preset=langevin,chains=1,iterations=1]", "--threads",
            "1", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement figures = JsonDocument.Parse(result.Output).RootElement.GetProperty("figures");
        Assert.All(
            ["load_seconds", "first_token_seconds", "iteration_seconds", "load_peak_bytes"], name =>
                Assert.True(figures.GetProperty(name).GetDouble() > 0));
        Assert.Equal(4 * figures.GetProperty("parameters").GetInt64(), figures.GetProperty("weight_bytes").GetInt64());
        // The estimate is meant to be a little more than what is held; the program is most of it here.
        double peak = figures.GetProperty("peak_bytes").GetDouble();
        Assert.InRange(figures.GetProperty("estimated_bytes").GetDouble(), 0.9 * peak, 1.6 * peak);
        foreach (string role in new[] { "policy", "reward" })
        {
            Assert.Empty(CheckpointInspection.Of(Path.Combine(_folder, role)).Problems);
        }
    }

    [Fact]
    public async Task Iteration_measures_both_sides_in_processes_of_their_own()
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "iteration", "--shapes", "tiny", "--prompts", "8", "--positions", "6", "--methods", "sea-paper[chains=2]",
            "sea-langevin[chains=2]", "--repeats", "1", "--threads", "1", "--make", _folder, "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement root = JsonDocument.Parse(result.Output).RootElement;
        Assert.NotEmpty(root.GetProperty("machine").GetProperty("processor").GetString()!);
        JsonElement[] cases = [.. root.GetProperty("figures").EnumerateArray()];
        Assert.Equal([6, 6], cases.Select(row => row.GetProperty("case").GetProperty("positions").GetInt32()));
        Assert.All(cases, row =>
        {
            Assert.All(
                ["ours_seconds", "plain_seconds", "speedup", "memory_ratio", "peak_operations_per_second", "necessary_share",
                    "computed_share"],
                name => Assert.True(row.GetProperty(name).GetDouble() > 0, name));
            Assert.True(row.GetProperty("computed_share").GetDouble() > row.GetProperty("necessary_share").GetDouble());
        });
    }

    [Theory]
    [InlineData("energy_search")]
    [InlineData("sea[preset=paper,iterations=2]")]
    public async Task Shared_compares_pairs_with_common_layers_with_separate_models(string method)
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "shared", "--quick", "--prompt", "16", "--response", "12", "--method", method, "--threads", "1", "--make", _folder, "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement[] pairs = [.. JsonDocument.Parse(result.Output).RootElement.GetProperty("figures").EnumerateArray()];
        Assert.Equal([0, 2, 4], pairs.Select(pair => pair.GetProperty("layers").GetInt32()));
        Assert.All(pairs, pair =>
        {
            JsonElement separate = pair.GetProperty("separate");
            JsonElement shared = pair.GetProperty("shared");
            Assert.Equal(separate.GetProperty("draft_tokens").GetInt64(), shared.GetProperty("draft_tokens").GetInt64());
            Assert.Equal(separate.GetProperty("draft_energy").GetDouble(), shared.GetProperty("draft_energy").GetDouble(), 1e-3);
            Assert.True(pair.GetProperty("draft_faster").GetDouble() > 0);
        });
    }

    [Theory]
    [InlineData("sea[sampler=langevin,iterations=1]")]
    [InlineData("base")]
    public async Task Serve_measures_calls_over_grpc_and_jobs_on_the_engine(string method)
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "serve", "--concurrency", "2", "--jobs", "2", "--method", method, "--tokens", "4", "--threads", "1", "--make", _folder,
            "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement figures = JsonDocument.Parse(result.Output).RootElement.GetProperty("figures");
        JsonElement level = Assert.Single(figures.GetProperty("levels").EnumerateArray());
        Assert.Equal(2, level.GetProperty("jobs").GetInt32());
        Assert.True(level.GetProperty("jobs_per_second").GetDouble() > 0);
        Assert.InRange(level.GetProperty("first_update_p50").GetDouble(), 0, level.GetProperty("completion_p50").GetDouble());
        Assert.True(figures.GetProperty("layer").GetProperty("direct_seconds").GetDouble() > 0);
    }

    [Theory]
    [InlineData("--quick")]
    [InlineData("--http2")]
    public async Task Engine_compares_a_policy_elsewhere_with_one_that_is_loaded(string option)
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "engine", option, "--callers", "1", "3", "--calls", "2", "--latency", "2", "--row-speed", "2000", "--throughput", "4000",
            "--method", "energy_search[iterations=1,budget_tokens=0,spans=false,substitutions=false]", "--tokens", "8", "--threads", "1",
            "--sidecars", "2", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement figures = JsonDocument.Parse(result.Output).RootElement.GetProperty("figures");
        JsonElement loaded = figures.GetProperty("loaded");
        JsonElement elsewhere = figures.GetProperty("elsewhere");
        Assert.Equal(0, loaded.GetProperty("engine_read").GetDouble());
        Assert.True(elsewhere.GetProperty("engine_read").GetDouble() > elsewhere.GetProperty("engine_drawn").GetDouble());
        Assert.True(elsewhere.GetProperty("requests").GetDouble() >= elsewhere.GetProperty("turns").GetDouble());
        Assert.All([loaded, elsewhere], means => Assert.True(means.GetProperty("calls_per_second").GetDouble() > 0));
        JsonElement[] levels = [.. figures.GetProperty("levels").EnumerateArray(), figures.GetProperty("limit")];
        Assert.Equal([2, 6, 6], levels.Select(level => level.GetProperty("calls").GetInt32()));
        Assert.All(levels, level =>
        {
            Assert.True(level.GetProperty("added_share").GetDouble() > 0);
            Assert.True(level.GetProperty("requests_per_second").GetDouble() > level.GetProperty("calls_per_second").GetDouble());
        });
        Assert.All(levels[..2], level => Assert.InRange(level.GetProperty("engine_share").GetDouble(), 0.001, 1.2));
    }

    [Fact]
    public async Task Growth_writes_figures_and_a_plot()
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "growth", "--doublings", "1", "--repeats", "1", "--threads", "1", "--out", _folder, "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement written = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(_folder, "growth.json"), TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(written.ToString(), JsonDocument.Parse(result.Output).RootElement.ToString());
        Assert.Equal(
            ["chains", "positions", "prompt", "vocabulary"],
            written.GetProperty("figures").EnumerateArray().Select(line => line.GetProperty("name").GetString()));
        Assert.All(written.GetProperty("figures").EnumerateArray(), line => Assert.Equal(2, line.GetProperty("points").GetArrayLength()));
        Assert.True(new FileInfo(Path.Combine(_folder, "growth.png")).Length > 10_000);
    }

    [Fact]
    public async Task Prefixes_compares_what_is_shared_with_what_is_read_again()
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "prefixes", "--quick", "--prompt", "24", "--depth", "3", "--answer", "12", "--jobs", "2", "--budget", "300", "--memory",
            "--threads", "1", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement figures = JsonDocument.Parse(result.Output).RootElement.GetProperty("figures");
        JsonElement candidates = figures.GetProperty("candidates");
        Assert.Equal(4 * 16 * 3, candidates.GetProperty("positions").GetInt32());
        Assert.All(
            ["seconds", "copied_seconds", "products_seconds", "over_products", "over_projections"],
            name => Assert.True(candidates.GetProperty(name).GetDouble() > 0, name));
        JsonElement rewrites = figures.GetProperty("rewrites");
        Assert.True(rewrites.GetProperty("faster_than_separate").GetDouble() > 0);
        Assert.InRange(rewrites.GetProperty("largest_difference").GetDouble(), 0, 1e-3);
        Assert.Equal(2, figures.GetProperty("jobs").GetArrayLength());
        Assert.All(figures.GetProperty("jobs").EnumerateArray(), jobs =>
        {
            long together = jobs.GetProperty("read_together").GetInt64();
            Assert.InRange(together, 1, jobs.GetProperty("read_alone").GetInt64() - 1);
            Assert.True(jobs.GetProperty("read_alone").GetInt64() <= jobs.GetProperty("positions").GetInt64());
            Assert.True(jobs.GetProperty("kept_bytes").GetInt64() > 0);
        });
        JsonElement memory = figures.GetProperty("memory");
        Assert.True(memory.GetProperty("estimated_bytes").GetInt64() > 0);
        Assert.True(memory.GetProperty("held_bytes").GetInt64() >= 0);
    }

    [Fact]
    public async Task Peak_compares_the_number_formats()
    {
        var result = await BuiltProgram.Bench.RunAsync("peak", "--quick", "--threads", "1", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement figures = JsonDocument.Parse(result.Output).RootElement.GetProperty("figures");
        bool half = figures.GetProperty("bfloat16_operations_per_second")
            .GetDouble() > figures.GetProperty("float32_operations_per_second")
            .GetDouble();
        Assert.Equal(half ? "bfloat16" : "float32", figures.GetProperty("faster").GetString());
    }

    [Fact]
    public async Task Products_compares_the_layers_kernels_with_libtorchs()
    {
        var result = await BuiltProgram.Bench.RunAsync(
            "products", "--quick", "--inputs", "100", "--outputs", "130", "--threads", "1", "--json");

        if (!Vector512.IsHardwareAccelerated)
        {
            Assert.Contains("libtorch computes the products", result.Error, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(0, result.ExitCode);
        JsonElement[] figures = [.. JsonDocument.Parse(result.Output).RootElement.GetProperty("figures").EnumerateArray()];
        Assert.Equal([1, 16], figures.Select(one => one.GetProperty("rows").GetInt32()));
        Assert.All(figures, one => Assert.True(one.GetProperty("own_gradient").GetDouble() > 0));
    }

    [Theory]
    [InlineData("--inputs is 0, but must be at least 1", "products", "--inputs", "0")]
    [InlineData("--positions has 1, but each must be at least 2", "iteration", "--positions", "64", "1")]
    [InlineData("--prompts has 0, but each must be at least 1", "iteration", "--prompts", "0")]
    [InlineData("70b", "iteration", "--shapes", "70b")]
    [InlineData("float64", "iteration", "--dtype", "float64")]
    [InlineData("--repeats is 0, but must be at least 1", "iteration", "--repeats", "0")]
    [InlineData("--concurrency has 0, but each must be at least 1", "serve", "--concurrency", "0")]
    [InlineData("8b", "serve", "--model", "8b")]
    [InlineData("--rewrites is 1, but must be at least 2", "prefixes", "--rewrites", "1")]
    [InlineData("--doublings is 0, but must be at least 1", "growth", "--doublings", "0")]
    [InlineData("--threads is -1, but must be at least 0", "peak", "--threads", "-1")]
    public async Task A_bad_argument_is_named(string expected, params string[] arguments)
    {
        var result = await BuiltProgram.Bench.RunAsync([.. arguments]);

        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }
}
