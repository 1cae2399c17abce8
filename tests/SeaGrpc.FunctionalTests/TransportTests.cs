using Grpc.Core;
using Grpc.Health.V1;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

public sealed class TransportTests
{
    [Fact]
    public async Task A_unix_socket_serves_too_also_over_a_stale_one()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            null,
            "Transport:Grpc=unix:{folder}sea.sock",
            "Transport:Http=none"
        );
        Assert.StartsWith("unix:/", server.Address);
        Assert.NotNull((await server.AlignAsync(Specs.Sea())).Final);
    }

    [Fact]
    public async Task A_token_is_asked_for_except_by_health_and_reflection()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, "Security:AuthToken=correct-horse");

        (await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()))).AssertIs(StatusCode.Unauthenticated, "MISSING_TOKEN");
        (await Failures.OfAsync(() => server.StreamAsync(Specs.Sea(), With("wrong")))).AssertIs(StatusCode.Unauthenticated, "WRONG_TOKEN");
        Assert.NotNull((await server.AlignAsync(Specs.Sea(), With("correct-horse"))).Final);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await server.Health.CheckAsync(new())).Status);
    }

    [Fact]
    public async Task A_token_file_that_vanishes_lets_nobody_in_and_one_that_is_renewed_counts()
    {
        using var folder = new SeaGrpc.Testing.TemporaryFolder();
        string file = folder.File("token");
        await File.WriteAllTextAsync(file, "correct-horse\n");
        await using RunningServer server = await RunningServer.StartAsync(null, $"Security:AuthTokenFile={file}");
        Assert.NotNull((await server.AlignAsync(Specs.Sea(), With("correct-horse"))).Final);

        File.Delete(file);
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Specs.Sea(), With("correct-horse")));
        failure.AssertIs(StatusCode.Unavailable, "TOKEN_UNREADABLE");
        failure.AssertRetryable();

        await File.WriteAllTextAsync(file, "battery-staple\n");
        (await Failures.OfAsync(() => server.AlignAsync(Specs.Sea(), With("correct-horse")))).AssertIs(
            StatusCode.Unauthenticated,
            "WRONG_TOKEN"
        );
        Assert.NotNull((await server.AlignAsync(Specs.Sea(), With("battery-staple"))).Final);
    }

    [Theory]
    [InlineData("Transport:WebOrigins=", "https://chat.example", false)]
    [InlineData("Transport:WebOrigins=https://chat.example, https://other.example", "https://chat.example", true)]
    [InlineData("Transport:WebOrigins=https://other.example", "https://chat.example", false)]
    public async Task Only_pages_of_named_origins_may_call(string setting, string origin, bool mayCall)
    {
        await using RunningServer server = await RunningServer.StartAsync(null, setting);
        using var http = new HttpClient();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, $"{server.HttpAddress}/sea.v1.InfoService/GetServerInfo");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using HttpResponseMessage response = await http.SendAsync(preflight);
        Assert.Equal(
            mayCall ? [origin] : [],
            response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? allowed) ? allowed : []
        );
    }

    [Fact]
    public async Task A_sidecar_runs_inside_another_process()
    {
        using var folders = new TinyFolders();
        await using Sidecar sidecar = await Sidecar.StartAsync(
            new Dictionary<string, string?> { ["SeaGrpc:Models:Policy"] = folders.Policy, ["SeaGrpc:Models:Reward"] = folders.Reward }
        );
        using Grpc.Net.Client.GrpcChannel channel = Grpc.Net.Client.GrpcChannel.ForAddress(sidecar.Address);
        Assert.NotEmpty((await new InfoService.InfoServiceClient(channel).GetServerInfoAsync(new())).Models);
    }

    [Fact]
    public async Task A_sidecar_that_cannot_start_says_why()
    {
        SidecarStartException failure = await Assert.ThrowsAsync<SidecarStartException>(() =>
            Sidecar.StartAsync(new Dictionary<string, string?> { ["SeaGrpc:Models:Policy"] = "/nowhere" })
        );
        Assert.Contains("/nowhere", failure.Message);
    }

    private static CallOptions With(string token) => new(new Metadata { { "authorization", $"Bearer {token}" } });
}
