using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Security;

/// <summary>Lets only calls with the operator's bearer token pass, where there is one.</summary>
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

    /// <summary>Digests of one length, so that the comparison takes the same time whatever is sent.</summary>
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

    /// <summary>The token now: a file may be renewed while the server runs. One that cannot be read lets nobody in.</summary>
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
