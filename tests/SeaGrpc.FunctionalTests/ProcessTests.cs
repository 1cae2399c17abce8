using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.Bench.Synthetic;
using SeaGrpc.FunctionalTests.Deploy;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>The server as a process of its own.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task SIGTERM_ends_a_running_stream_with_its_best_and_the_process_with_0()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        string ready = await process.LineAsync("Ready. gRPC on ");
        string address = ready.Split("gRPC on ")[1].Split(',')[0];
        using GrpcChannel channel = GrpcChannel.ForAddress(address);
        AlignmentSpec spec = Specs.Sea(iterations: 1000, chains: 4);
        spec.MaxResponseTokens = 200;
        using AsyncServerStreamingCall<StreamAlignResponse> call =
            new AlignmentService.AlignmentServiceClient(channel).StreamAlign(new StreamAlignRequest { Spec = spec });
        while (await call.ResponseStream.MoveNext(default) && call.ResponseStream.Current.Iteration is null)
        {
        }

        process.Terminate();
        AlignmentFinal? final = null;
        while (await call.ResponseStream.MoveNext(default))
        {
            final = call.ResponseStream.Current.Final;
        }

        Assert.Equal(StopReason.Draining, final!.StopReason);
        Assert.Equal(0, await process.ExitAsync());
    }

    [Fact]
    public async Task Run_from_its_sources_it_takes_folders_relative_to_where_it_was_called()
    {
        (int exitCode, string output) = await MsBuild.AskAsync("SeaGrpc.Server", "-getProperty:RunWorkingDirectory");
        Assert.Equal((0, string.Empty), (exitCode, output.Trim()));
    }

    [Fact]
    public async Task It_says_what_it_serves()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        await process.LineAsync("Ready. gRPC on ");
        await process.LineAsync("memory ");
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.Matches(@"policy  policy \(LlamaForCausalLM, .* [0-9a-f]{12}\)", process.Output);
        Assert.Matches(@"reward  reward \(LlamaForSequenceClassification, ", process.Output);
        Assert.Contains("device  cpu, float32", process.Output);
        Assert.Contains("\n        limits  prompt 20000 characters and 511 tokens, response 511 tokens, ", process.Output);
        Assert.Contains("\n        queue   4 at once, 64 waiting\n", process.Output);
        Assert.Matches(
            @"\n        memory  [1-9][0-9]* MiB for running requests: 75 % of the memory, minus the models\n", process.Output);
    }

    [Fact]
    public async Task Where_the_number_format_is_chosen_by_measuring_it_says_what_was_measured()
    {
        using var folders = new TinyFolders();
        // 22 million weights in bf16: enough to be measured for.
        SyntheticCheckpoint.Write(
            folders.File("large"),
            new SyntheticShape(Hidden: 512, Layers: 5, Heads: 8, KeyValueHeads: 8, FeedForward: 2048, Vocabulary: 1167),
            Path.Combine(AppContext.BaseDirectory, "models", "tiny-policy"),
            seed: 1);
        using ServerProcess process = ServerProcess.Start(
            folders, $"Models:Policy={folders.File("large/policy")}", $"Models:Reward={folders.File("large/reward")}");
        await process.LineAsync("queue ");
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.Matches(
            @"\n        device  cpu, (bfloat16\n        dtype   bfloat16: [0-9.]+ times as fast as float32|float32\n        dtype   float32: bfloat16 is [0-9.E-]+ times as fast) here \([0-9.]+ against [0-9.]+ GFLOP/s, 1 thread\)\n", process.Output);
    }

    [Fact]
    public async Task Asked_for_its_health_the_program_asks_the_server_under_the_same_settings()
    {
        using var folders = new TinyFolders();
        string address = $"unix:{folders.File("grpc.sock")}";
        using ServerProcess server = ServerProcess.Start(folders, $"Transport:Grpc={address}");
        await server.LineAsync("Ready. gRPC on ");

        // The program gives an answer five seconds: on a busy machine it may have to ask again.
        string answer;
        do
        {
            using ServerProcess asked = ServerProcess.Start(folders, $"Transport:Grpc={address}", HealthProbe.Argument);
            int exitCode = await asked.ExitAsync();
            answer = asked.Output;
            Assert.Equal(answer.Contains("Deadline", StringComparison.Ordinal) ? 1 : 0, exitCode);
        }
        while (answer.Contains("Deadline", StringComparison.Ordinal));
        Assert.Equal($"{address} is serving.\n", answer);

        server.Terminate();
        Assert.Equal(0, await server.ExitAsync());
        using ServerProcess late = ServerProcess.Start(folders, $"Transport:Grpc={address}", HealthProbe.Argument);
        Assert.Equal(1, await late.ExitAsync());
        Assert.StartsWith($"{address} does not answer: ", late.Output);
    }

    [Theory]
    [InlineData("policy/config.json")]
    [InlineData("policy/tokenizer.json")]
    [InlineData("policy/model.safetensors")]
    [InlineData("reward/model.safetensors")]
    public async Task A_missing_file_is_named(string file)
    {
        using var folders = new TinyFolders();
        File.Delete(folders.File(file));
        await AssertCannotStart(folders, Path.GetDirectoryName(folders.File(file))!);
    }

    [Fact]
    public async Task A_truncated_checkpoint_is_named()
    {
        using var folders = new TinyFolders();
        string weights = Path.Combine(folders.Reward, "model.safetensors");
        byte[] whole = await File.ReadAllBytesAsync(weights);
        await File.WriteAllBytesAsync(weights, whole[..(whole.Length - 100)]);
        await AssertCannotStart(folders, weights);
    }

    [Fact]
    public async Task An_implicit_reward_of_another_vocabulary_is_refused_with_the_first_differing_ids()
    {
        using var folders = new TinyFolders();
        string tuned = folders.File("tuned");
        TinyCheckpoint.WritePolicy(tuned, seed: 3);
        string tokenizer = Path.Combine(tuned, "tokenizer.json");
        string text = await File.ReadAllTextAsync(tokenizer);
        string swapped = text.Replace("\"a\": 97", "\"a\": 98", StringComparison.Ordinal)
            .Replace("\"b\": 98", "\"b\": 97", StringComparison.Ordinal);
        Assert.NotEqual(text, swapped);
        await File.WriteAllTextAsync(tokenizer, swapped);
        await AssertCannotStart(
            folders, "id 97 is", $"Models:Rewards:tuned:Folder={tuned}", $"Models:Rewards:tuned:Basis={folders.Policy}");
    }

    [Theory]
    [InlineData("Limits:MaxChains=0", "SeaGrpc:Limits:MaxChains")]
    [InlineData("Limits:MaxChains=many", "SeaGrpc:Limits:MaxChains")]
    [InlineData("Limits:MaxChain=4", "MaxChain")]
    [InlineData("Transport:Grpc=ftp://here", "SeaGrpc:Transport:Grpc")]
    [InlineData("Engine:MaxConcurrentJobs=999", "SeaGrpc:Engine:MaxConcurrentJobs")]
    [InlineData("Models:Device=tpu", "SeaGrpc:Models:Device")]
    [InlineData("Models:RewardDevice=tpu", "SeaGrpc:Models:RewardDevice")]
    [InlineData("Models:Device=cuda:99", "cuda:99")]
    [InlineData("Models:RewardDevice=cuda:98", "cuda:98")]
    [InlineData("Security:AuthTokenFile=/nowhere", "SeaGrpc:Security:AuthTokenFile")]
    [InlineData("Security:AuthTokenFile=/dev/zero", "SeaGrpc:Security:AuthTokenFile")]
    public async Task A_setting_out_of_range_is_named(string setting, string named)
    {
        using var folders = new TinyFolders();
        await AssertCannotStart(folders, named, setting);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--help", "--SeaGrpc:Limits:MaxChains=0")]
    public async Task Asked_for_help_it_says_what_there_is(params string[] arguments)
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, arguments);
        Assert.Equal(0, await process.ExitAsync());
        Assert.Contains("--SeaGrpc:SECTION:NAME=VALUE", process.Output);
        Assert.Contains(HealthProbe.Argument, process.Output);
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--Grpc=http://127.0.0.1:0")]
    [InlineData("--SeaGrpc:Limits:MaxChains")]
    public async Task An_argument_that_is_no_setting_is_named(string argument)
    {
        using var folders = new TinyFolders();
        await AssertCannotStart(folders, argument.Split('=')[0], argument); // Its value may be a secret.
    }

    [Fact]
    public async Task An_address_in_use_is_named()
    {
        using var folders = new TinyFolders();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        await AssertCannotStart(folders, address, $"Transport:Grpc={address}");
    }

    [Theory]
    [InlineData(null, "the responses cannot be read")]
    [InlineData("\n \n", "it has 0 responses, one a line, but must have 1 to 64")]
    public async Task A_file_of_known_responses_without_any_is_named(string? content, string problem)
    {
        using var folders = new TinyFolders();
        string file = folders.File("known.txt");
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        }

        await AssertCannotStart(folders, $"{file}: {problem}", $"Models:KnownResponses={file}");
    }

    [Fact]
    public async Task What_ends_the_start_stays_in_a_file_that_others_write_too()
    {
        using var folder = new TemporaryFolder();
        string server = Path.Combine(AppContext.BaseDirectory, "SeaGrpc.Server.dll");
        (int code, _, _) = await Programs.RunAsync(
            "bash", "", "-c", $"(dotnet {server} --SeaGrpc:Models:Device=tpu; echo after) > {folder.File("log")} 2>&1");
        Assert.Equal(0, code);
        string log = await File.ReadAllTextAsync(folder.File("log"), TestContext.Current.CancellationToken);
        Assert.StartsWith("SeaGrpc cannot start. ", log);
        Assert.EndsWith("\nafter\n", log);
    }

    private static async Task AssertCannotStart(TinyFolders folders, string named, params string[] settings)
    {
        using ServerProcess process = ServerProcess.Start(folders, settings);
        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains("SeaGrpc cannot start.", process.Output);
        Assert.Contains(named, process.Output);
        Assert.DoesNotContain("   at ", process.Output);
    }
}
