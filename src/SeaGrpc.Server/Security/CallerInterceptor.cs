using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Security;

/// <summary>
/// Lets in only calls with a token of the operator's: the only one, or one of the file of callers, if either is configured. Says who made
/// the call.
/// </summary>
internal sealed class CallerInterceptor(
    Callers callers, CallerMetrics metrics, IOptions<SecurityOptions> options, ILogger<CallerInterceptor> logger) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        Admit(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        Admit(context);
        return continuation(request, responseStream, context);
    }

    /// <summary>Digests of equal length, so that the comparison takes the same time for every token.</summary>
    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private void Admit(ServerCallContext context)
    {
        CallerPass pass = Authenticate(context);
        pass.Attach(context);
        pass.CheckRpc(context.Method[(context.Method.LastIndexOf('/') + 1)..]);
    }

    private CallerPass Authenticate(ServerCallContext context)
    {
        string? header = context.RequestHeaders.GetValue("authorization");
        X509Certificate2? certificate = context.GetHttpContext().Connection.ClientCertificate;
        if (callers.IsRequired)
        {
            CallerAccount account = callers.Find(Token(header)) ?? throw WrongToken();
            return new CallerPass(CallerIdentity.OfName(account.Rule.Name), account, metrics);
        }

        if (ReadToken() is { } expected && !CryptographicOperations.FixedTimeEquals(Digest(expected), Digest(Token(header))))
        {
            throw WrongToken();
        }

        return new CallerPass(CallerIdentity.Of(header, certificate), Account: null, metrics);
    }

    private static string Token(string? header) => header is not null && CallerIdentity.Token(header) is { } token
        ? token
        : throw ErrorMapping.Unauthenticated(
            "MISSING_TOKEN", "This server needs a token: send the header 'authorization: Bearer TOKEN'.");

    private static RpcException WrongToken() => ErrorMapping.Unauthenticated("WRONG_TOKEN", "The token is wrong.");

    /// <summary>The only token: its file may change while the server runs. If it cannot be read, no call is accepted.</summary>
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
