namespace SeaGrpc.Cli.Serve;

/// <summary>Command lines with which a server that has just started can be tried.</summary>
internal static class TryLines
{
    private const string Question = "How do I boil an egg?";

    private const string Body =
        $$$"""{"spec":{"prompt":{"chat":{"messages":[{"role":"ROLE_USER","content":"{{{Question}}}"}]}},"maxResponseTokens":48}}""";

    /// <summary>The lines.</summary>
    /// <param name="addresses">Where the server listens: gRPC first, then HTTP if it is enabled.</param>
    /// <param name="needsToken">Whether calls must carry a token.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> addresses, bool needsToken)
    {
        string grpc = addresses[0];
        bool isUnix = grpc.StartsWith("unix:", StringComparison.Ordinal);
        string target = isUnix ? $"-unix {grpc["unix:".Length..]}" : Reachable(new Uri(grpc).Authority);
        string token = needsToken ? " --token TOKEN" : "";
        string header = needsToken ? "-H 'authorization: Bearer TOKEN' " : "";
        return
        [
            $"seagrpc align \"{Question}\" --max-tokens 48 --server {(isUnix ? grpc : $"http://{target}")}{token}",
            $"grpcurl -plaintext {header}-d '{Body}' {target} sea.v1.AlignmentService/Align",
            .. addresses.Skip(1).Take(1).Where(http => http.StartsWith("http://", StringComparison.Ordinal))
                .Select(http => $"curl http://{Reachable(new Uri(http).Authority)}/healthz/ready"),
        ];
    }

    /// <summary>An address of all interfaces is called by this machine's own.</summary>
    private static string Reachable(string authority) => authority
        .Replace("[::]", "127.0.0.1", StringComparison.Ordinal)
        .Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
}
