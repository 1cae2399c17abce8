using SeaGrpc.Testing;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Hub;

/// <summary><c>pull</c> as a program, from a Hub on this machine.</summary>
public sealed class PullCommandTests : IDisposable
{
    private static readonly string[] Texts = ["config.json", "tokenizer.json", "tokenizer_config.json"];
    private readonly TemporaryFolder _home = new();
    private readonly Dictionary<string, byte[]> _files = [];

    public PullCommandTests()
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), seed: 1);
        foreach (string path in Directory.GetFiles(folder.File("policy")))
        {
            _files[Path.GetFileName(path)] = File.ReadAllBytes(path);
        }

        _files["README.md"] = "a card"u8.ToArray();
        _files["pytorch_model.bin"] = new byte[10_000];
    }

    private string Model => _home.File("hub/models--org--name");

    private string Snapshot => Path.Combine(Model, "snapshots", HubServer.Commit);

    private string Weights => Path.Combine(Model, "blobs", HubServer.Sha256(_files["model.safetensors"]));

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_model_comes_into_the_cache_as_the_hubs_own_client_lays_it_out_and_only_once()
    {
        await using HubServer hub = await HubServer.StartAsync(_files);
        ProgramResult result = await PullAsync(hub.Endpoint, "org/name");

        Assert.Equal((0, "", Snapshot), (result.ExitCode, result.Error, result.Lines.Single()));
        AssertComplete();
        Assert.Equal(HubServer.Commit, File.ReadAllText(Path.Combine(Model, "refs", "main")));
        FileInfo weights = new(Path.Combine(Snapshot, "model.safetensors"));
        Assert.Equal($"../../blobs/{Path.GetFileName(Weights)}", weights.LinkTarget);
        Assert.False(File.Exists(Path.Combine(Snapshot, "README.md")));
        Assert.False(File.Exists(Path.Combine(Snapshot, "pytorch_model.bin")));

        int asked = hub.Asked.Count;
        Assert.Equal(0, (await PullAsync(hub.Endpoint, "org/name")).ExitCode);
        Assert.Equal(asked, hub.Asked.Count);
    }

    [Fact]
    public async Task What_is_cut_off_goes_on_where_it_was_cut()
    {
        await using HubServer hub = await HubServer.StartAsync(_files, server => server.With(cuts: 1));
        ProgramResult result = await PullAsync(hub.Endpoint, "org/name");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        AssertComplete();
        Assert.Equal(
            ["model.safetensors from 0", $"model.safetensors from {_files["model.safetensors"].Length / 2}"],
            hub.Asked.Where(asked => asked.StartsWith("model.safetensors", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_an_earlier_run_left_goes_on()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Weights)!);
        await File.WriteAllBytesAsync($"{Weights}.incomplete", _files["model.safetensors"][..1000]);
        await using HubServer hub = await HubServer.StartAsync(_files);

        Assert.Equal(0, (await PullAsync(hub.Endpoint, "org/name")).ExitCode);
        AssertComplete();
        Assert.Contains("model.safetensors from 1000", hub.Asked);
    }

    [Fact]
    public async Task What_an_earlier_run_left_damaged_starts_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Weights)!);
        await File.WriteAllBytesAsync($"{Weights}.incomplete", new byte[1000]);
        await using HubServer hub = await HubServer.StartAsync(_files);

        Assert.Equal(0, (await PullAsync(hub.Endpoint, "org/name")).ExitCode);
        AssertComplete();
    }

    [Fact]
    public async Task What_is_not_what_its_hash_says_never_becomes_a_model()
    {
        await using HubServer hub = await HubServer.StartAsync(_files, server => server.With(damages: true));
        ProgramResult result = await PullAsync(hub.Endpoint, "org/name");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("model.safetensors arrived damaged", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Weights));
        Assert.False(File.Exists(Path.Combine(Snapshot, "model.safetensors")));
        Assert.False(File.Exists(Path.Combine(Model, "refs", "main")));
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_alone()
    {
        await using HubServer hub = await HubServer.StartAsync(_files);
        Assert.Equal(0, (await PullAsync(hub.Endpoint, "org/name", ("HF_TOKEN", "hf_secret"))).ExitCode);

        Assert.All(hub.Tokens, seen => Assert.Equal(seen.IsApi ? "Bearer hf_secret" : "", seen.Authorization));
        Assert.Contains(hub.Tokens, seen => !seen.IsApi);
    }

    [Fact]
    public async Task Shards_come_with_their_index_and_a_revision_has_its_own_ref()
    {
        byte[] weights = _files["model.safetensors"];
        _files.Remove("model.safetensors");
        _files["model-00001-of-00002.safetensors"] = weights;
        _files["model-00002-of-00002.safetensors"] = [.. weights, 1];
        _files["model.safetensors.index.json"] = "{}"u8.ToArray();
        _files["original/consolidated.safetensors"] = weights;
        await using HubServer hub = await HubServer.StartAsync(_files);

        ProgramResult result = await PullAsync(hub.Endpoint, "org/name@v1.0");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(
            [.. Texts, "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
            Directory.GetFiles(Snapshot).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)
                .OrderBy(name => name.StartsWith("model", StringComparison.Ordinal)));
        Assert.Equal(HubServer.Commit, File.ReadAllText(Path.Combine(Model, "refs", "v1.0")));
    }

    [Fact]
    public async Task Without_weights_only_texts_come()
    {
        await using HubServer hub = await HubServer.StartAsync(_files);
        Assert.Equal(0, (await PullAsync(hub.Endpoint, "org/name", null, "--no-weights")).ExitCode);
        Assert.Equal(Texts, Directory.GetFiles(Snapshot).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(401, "GatedRepo", "accept its conditions at")]
    [InlineData(404, "RepoNotFound", "There is no model org/name")]
    [InlineData(404, "RevisionNotFound", "has no revision 'main'")]
    [InlineData(418, "", "The Hub answered 418")]
    public async Task A_refusal_is_told_with_what_to_do(int status, string code, string told)
    {
        await using HubServer hub = await HubServer.StartAsync(_files, server => server.With(refusal: (status, code)));
        ProgramResult result = await PullAsync(hub.Endpoint, "org/name");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_safetensors_is_named_before_anything_is_downloaded()
    {
        _files.Remove("model.safetensors");
        await using HubServer hub = await HubServer.StartAsync(_files);
        ProgramResult result = await PullAsync(hub.Endpoint, "org/name");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no model.safetensors and no shards of it (it has pytorch_model.bin)", result.Error, StringComparison.Ordinal);
        Assert.Empty(hub.Asked);
    }

    [Theory]
    [InlineData("HF_ENDPOINT", "http://127.0.0.1:9", 1, "cannot be reached")]
    [InlineData("HF_HUB_OFFLINE", "1", 1, "HF_HUB_OFFLINE is set")]
    [InlineData("HF_ENDPOINT", "nowhere", 2, "HF_ENDPOINT is 'nowhere'")]
    public async Task Without_a_network_it_says_how_to_get_the_model_all_the_same(
        string variable, string value, int exitCode, string told)
    {
        ProgramResult result = await PullAsync("http://127.0.0.1:9", "org/name", (variable, value));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
        string way = $"copy the folder …/hub/models--org--name to {Model}";
        Assert.Equal(exitCode == 1, result.Error.Contains(way, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name")]
    [InlineData("org/name@../main")]
    [InlineData("../name")]
    public async Task What_is_no_models_id_is_a_wrong_command_line(string id) =>
        Assert.Equal(2, (await PullAsync("http://127.0.0.1:9", id)).ExitCode);

    private void AssertComplete()
    {
        foreach (string name in (string[])[.. Texts, "model.safetensors"])
        {
            Assert.Equal(_files[name], File.ReadAllBytes(Path.Combine(Snapshot, name)));
        }
    }

    private async Task<ProgramResult> PullAsync(
        string endpoint, string model, (string Name, string Value)? variable = null, params string[] more)
    {
        using ProgramProcess process = ProgramProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "seagrpc.dll"),
            start =>
            {
                start.Environment["HF_HOME"] = _home.Path;
                start.Environment["HF_ENDPOINT"] = endpoint;
                foreach (string name in (string[])["HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"])
                {
                    start.Environment.Remove(name);
                }

                if (variable is { } given)
                {
                    start.Environment[given.Name] = given.Value;
                }
            },
            ["pull", model, .. more]);
        return await process.EndAsync();
    }
}
