using SeaGrpc.Cli.Serve;
using SeaGrpc.Server;

namespace SeaGrpc.Cli.Tests.Serve;

public sealed class TryLinesTests
{
    private const string Body = "-d '{\"spec\":{\"prompt\":{\"chat\":{\"messages\":[{\"role\":\"ROLE_USER\","
        + "\"content\":\"How do I boil an egg?\"}]}},\"maxResponseTokens\":48}}'";

    private const string Align = "seagrpc align \"How do I boil an egg?\" --max-tokens 48 --server";
    private const string Json = "-H 'content-type: application/json'";

    private const string Chat =
        "    -d '{\"model\":\"mine\",\"messages\":[{\"role\":\"user\",\"content\":\"How do I boil an egg?\"}]}'";

    [Fact]
    public void Every_address_has_a_line() => Assert.Equal(
        [
            $"{Align} http://127.0.0.1:1",
            $"grpcurl -plaintext {Body} 127.0.0.1:1 sea.v1.AlignmentService/Align",
            "curl http://127.0.0.1:2/healthz/ready",
            $"curl http://127.0.0.1:3/v1/chat/completions {Json} \\\n{Chat}",
        ],
        Lines("http://0.0.0.0:1", "http://[::]:2", "http://127.0.0.1:3"));

    [Fact]
    public void Without_HTTP_the_other_addresses_keep_their_places() => Assert.Equal(
        [
            $"{Align} http://127.0.0.1:1",
            $"grpcurl -plaintext {Body} 127.0.0.1:1 sea.v1.AlignmentService/Align",
            $"curl http://127.0.0.1:3/v1/chat/completions {Json} \\\n{Chat}",
        ],
        Lines("http://127.0.0.1:1", http: null, "http://127.0.0.1:3"));

    [Fact]
    public void Under_TLS_the_lines_name_the_roots_to_trust() => Assert.Equal(
        [
            $"{Align} https://127.0.0.1:1 --ca FILE",
            $"grpcurl -cacert FILE {Body} 127.0.0.1:1 sea.v1.AlignmentService/Align",
            "curl --cacert FILE https://127.0.0.1:2/healthz/ready",
            $"curl --cacert FILE https://127.0.0.1:3/v1/chat/completions {Json} \\\n{Chat}",
        ],
        Lines("https://127.0.0.1:1", "https://127.0.0.1:2", "https://127.0.0.1:3"));

    [Fact]
    public void Sockets_and_tokens_are_named() => Assert.Equal(
        [
            $"{Align} unix:/run/sea.sock --token TOKEN",
            $"grpcurl -plaintext -H 'authorization: Bearer TOKEN' {Body} -unix /run/sea.sock sea.v1.AlignmentService/Align",
            "curl --unix-socket /run/api.sock http://localhost/v1/chat/completions -H 'authorization: Bearer TOKEN' "
                + $"{Json} \\\n{Chat}",
        ],
        Lines("unix:/run/sea.sock", http: null, "unix:/run/api.sock", needsToken: true));

    private static IReadOnlyList<string> Lines(string grpc, string? http, string? openAi, bool needsToken = false) =>
        TryLines.Of(new ServerStart(grpc, http, openAi, "mine", "Ready."), needsToken);
}
