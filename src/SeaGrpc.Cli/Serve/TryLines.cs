using SeaGrpc.Server;

namespace SeaGrpc.Cli.Serve;

/// <summary>Command lines with which a server that has just started can be tried.</summary>
internal static class TryLines
{
    private const string Question = "How do I boil an egg?";

    private const string Body =
        $$$"""{"spec":{"prompt":{"chat":{"messages":[{"role":"ROLE_USER","content":"{{{Question}}}"}]}},"maxResponseTokens":48}}""";

    /// <summary>The lines. Under TLS, FILE stands for the root certificates.</summary>
    /// <param name="start">Where the server listens.</param>
    /// <param name="needsToken">Whether calls must carry a token.</param>
    public static IReadOnlyList<string> Of(ServerStart start, bool needsToken)
    {
        string grpc = Reachable(start.Grpc);
        bool isUnix = grpc.StartsWith("unix:", StringComparison.Ordinal);
        bool isTls = IsTls(grpc);
        string target = isUnix ? $"-unix {grpc["unix:".Length..]}" : new Uri(grpc).Authority;
        string token = needsToken ? " --token TOKEN" : "";
        return
        [
            $"seagrpc align \"{Question}\" --max-tokens 48 --server {grpc}{(isTls ? " --ca FILE" : "")}{token}",
            $"grpcurl {(isTls ? "-cacert FILE" : "-plaintext")} {Header(needsToken)}-d '{Body}' {target} sea.v1.AlignmentService/Align",
            .. start.Http is { } http ? [$"curl {Target(http)}/healthz/ready"] : Array.Empty<string>(),
            .. start.OpenAi is { } api ? [Chat(api, start.Policy, Question, needsToken)] : Array.Empty<string>(),
        ];
    }

    /// <summary>A line that asks a question by OpenAI's API.</summary>
    /// <param name="address">The API's address, without /v1.</param>
    /// <param name="model">The model to name; null to name none.</param>
    /// <param name="question">The question.</param>
    /// <param name="needsToken">Whether calls must carry a token.</param>
    public static string Chat(string address, string? model, string question, bool needsToken)
    {
        string named = model is null ? "" : $"\"model\":\"{model}\",";
        return $$$"""
            curl {{{Target(address)}}}/v1/chat/completions {{{Header(needsToken)}}}-H 'content-type: application/json' \
                -d '{{{{named}}}"messages":[{"role":"user","content":"{{{question}}}"}]}'
            """.ReplaceLineEndings("\n");
    }

    private static string Header(bool needsToken) => needsToken ? "-H 'authorization: Bearer TOKEN' " : "";

    /// <summary>What curl needs to know of an address, which ends with the start of a URL.</summary>
    private static string Target(string address) => address.StartsWith("unix:", StringComparison.Ordinal)
        ? $"--unix-socket {address["unix:".Length..]} http://localhost"
        : $"{(IsTls(address) ? "--cacert FILE " : "")}{Reachable(address)}";

    private static bool IsTls(string address) => address.StartsWith("https:", StringComparison.Ordinal);

    /// <summary>An address of all interfaces is called by this machine's own.</summary>
    private static string Reachable(string address) => address
        .Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal)
        .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal);
}
