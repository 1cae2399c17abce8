using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

[Collection(SharedServerTests.Name)]
public sealed class InfoTests(SharedServer shared)
{
    [Fact]
    public async Task The_server_says_what_it_is()
    {
        GetServerInfoResponse info = await shared.Server.Info.GetServerInfoAsync(new());

        Assert.Equal("0.1.0", info.ServerVersion);
        Assert.Equal(18, info.ContractRevision);
        Assert.Equal([(ModelRole.Policy, "policy"), (ModelRole.Reward, "reward")], info.Models.Select(model => (model.Role, model.Name)));
        Assert.All(info.Models, model => Assert.Matches("^[0-9a-f]{64}$", model.Sha256));
        Assert.Equal(("cpu", "float32"), (info.Device, info.Dtype));
        Assert.All(info.Models, model => Assert.Equal(("cpu", "float32"), (model.Device, model.Dtype)));
        Assert.Equal((400, 64, 1000), (info.Limits.MaxPromptCharacters, info.Limits.MaxChains, info.Limits.MaxIterations));
        Assert.Equal(
            [("sea", true), ("best_of_n", true), ("args", true), ("chunk_beam_search", true), ("base", true), ("energy_search", true)],
            info.Methods.Select(method => (method.Name, method.Available)));
        Assert.Equal((SeaStep.Adam, SeaStep.Plain), (info.Defaults.Sea.Step, info.Defaults.SeaPaper.Step));
        Assert.Equal((8, 32), (info.Defaults.Sea.RewardWeight, info.Defaults.SeaPaper.RewardWeight));
        Assert.Equal((0.3, 10), (info.Defaults.SeaLangevin.StepSize, info.Defaults.SeaPaper.StepSize));
        Assert.Equal((0.1, 0.01), (info.Defaults.Sea.NoiseScale, info.Defaults.SeaPaper.NoiseScale));
        Assert.Equal(16, info.Defaults.BestOfN.SampleCount);
        Assert.Equal((10, ArgsPrefixScoring.EosAppended), (info.Defaults.Args.Candidates, info.Defaults.Args.PrefixScoring));
        Assert.Equal((4, 4, 10, 0.7), (
            info.Defaults.ChunkBeamSearch.BeamWidth,
            info.Defaults.ChunkBeamSearch.SamplesPerBeam,
            info.Defaults.ChunkBeamSearch.ChunkTokens,
            info.Defaults.ChunkBeamSearch.Temperature));
    }

    [Fact]
    public async Task Every_parameter_is_described_with_its_range_and_every_presets_default()
    {
        GetServerInfoResponse info = await shared.Server.Info.GetServerInfoAsync(new());

        Assert.All(info.Methods, method => Assert.Equal(
            AlignmentSpec.Descriptor.FindFieldByName(method.Name).MessageType.Fields.InDeclarationOrder().Select(field => field.Name),
            method.Parameters.Select(parameter => parameter.Name)));
        Assert.Equal(
            new ParameterInfo
            {
                Name = "step_size",
                Type = ParameterType.Number,
                Description = "Step size eta of SEA_SAMPLER_LANGEVIN.",
                Unit = "logits (Adam) or logits per unit of gradient (plain)",
                Minimum = 1e-6,
                Maximum = 1e6,
                ExclusiveMinimum = 0,
                Defaults = { Default("default", "0.3"), Default("langevin", "0.3"), Default("paper", "10") },
            },
            Find("sea", "step_size"));
        Assert.Equal(
            (1, 64, false), (Find("sea", "chains").Minimum, Find("sea", "chains").Maximum, Find("sea", "chains").HasExclusiveMinimum));
        Assert.Equal((1 - 1e-6, 1), (Find("sea", "min_probability").Maximum, Find("sea", "min_probability").ExclusiveMaximum));
        Assert.Equal(["SEA_STEP_PLAIN", "SEA_STEP_ADAM"], Find("sea", "step").Values);
        Assert.Equal(["SEA_STEP_ADAM", "SEA_STEP_ADAM", "SEA_STEP_PLAIN"], Find("sea", "step").Defaults.Select(absent => absent.Value));
        Assert.Equal(["SEA_PRESET_DEFAULT", "SEA_PRESET_PAPER", "SEA_PRESET_LANGEVIN"], Find("sea", "preset").Values);
        Assert.Equal([Default("default", "0.7")], Find("chunk_beam_search", "temperature").Defaults);
        Assert.Equal(
            (ParameterType.Boolean, false, false),
            (Find("args", "greedy").Type, Find("args", "greedy").HasMinimum, Find("args", "greedy").HasMaximum));

        ParameterInfo Find(string method, string name) =>
            info.Methods.Single(one => one.Name == method).Parameters.Single(parameter => parameter.Name == name);
        static ParameterDefault Default(string preset, string value) => new() { Preset = preset, Value = value };
    }

    [Theory]
    [InlineData("google.rpc.BadRequest")]
    [InlineData("google.rpc.ErrorInfo")]
    [InlineData("google.rpc.ResourceInfo")]
    [InlineData("google.rpc.RetryInfo")]
    [InlineData("sea.v1.SeaParameters")]
    public async Task Reflection_describes_the_messages_and_what_errors_carry(string name)
    {
        using AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call =
            new ServerReflection.ServerReflectionClient(shared.Server.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = name });
        Assert.True(await call.ResponseStream.MoveNext(default));
        string message = name[(name.LastIndexOf('.') + 1)..];
        Assert.Contains(
            call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto,
            file => FileDescriptorProto.Parser.ParseFrom(file).MessageType.Any(type => type.Name == message));
        await call.RequestStream.CompleteAsync();
    }

    [Fact]
    public async Task Reflection_lists_every_service()
    {
        using AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call =
            new ServerReflection.ServerReflectionClient(shared.Server.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = string.Empty });
        Assert.True(await call.ResponseStream.MoveNext(default));
        Assert.Equal(
            ["grpc.health.v1.Health", "sea.v1.AlignmentService", "sea.v1.InfoService"],
            call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).Order(StringComparer.Ordinal));
        await call.RequestStream.CompleteAsync();
    }

    [Fact]
    public void Every_rpc_of_the_contract_is_bound()
    {
        string[] expected =
        [
            .. AlignmentService
                .Descriptor.Methods.Concat(InfoService.Descriptor.Methods)
                .Select(method => $"/{method.Service.FullName}/{method.Name}"),
        ];
        Assert.Equal(
            expected.Order(),
            shared.Server.Routes().Where(route => route.StartsWith("/sea.", StringComparison.Ordinal) && !route.Contains('{')).Order());
    }
}
