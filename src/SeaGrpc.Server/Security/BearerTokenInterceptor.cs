using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Security;

/// <summary>Accepts only calls with the operator's bearer token, if one is configured.</summary>
internal sealed class BearerTokenInterceptor(IOptions<SecurityOptions> options, ILogger<BearerTokenInterceptor> logger) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        Check(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        Check(context);
        return continuation(request, responseStream, context);
    }

    /// <summary>Digests of equal length, so that the comparison takes the same time for every token.</summary>
    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private void Check(ServerCallContext context)
    {
        if (ReadToken() is not { } expected)
        {
            return;
        }

        if (context.RequestHeaders.GetValue("authorization") is not { } header || CallerIdentity.Token(header) is not { } token)
        {
            throw ErrorMapping.Unauthenticated(
                "MISSING_TOKEN",
                "This server needs a token: send the header 'authorization: Bearer TOKEN'."
            );
        }

        if (!CryptographicOperations.FixedTimeEquals(Digest(expected), Digest(token)))
        {
            throw ErrorMapping.Unauthenticated("WRONG_TOKEN", "The token is wrong.");
        }
    }

    /// <summary>The current token: its file may change while the server runs. If it cannot be read, no call is accepted.</summary>
    private string? ReadToken()
    {
        SecurityOptions security = options.Value;
        if (security.AuthTokenFile is not { } file)
        {
            return security.AuthToken;
        }

        try
        {
            if (security.ReadToken() is { Length: >= SecurityOptions.ShortestToken } token)
            {
                return token;
            }

            logger.TokenUnreadable(file, "Its first line is not a valid token.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.TokenUnreadable(file, failure.Message);
        }

        throw ErrorMapping.TokenUnreadable();
    }
}
