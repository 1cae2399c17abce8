using System.Net;
using Microsoft.Extensions.Primitives;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.WebConsole;

/// <summary>
/// Which pages may call while the console is on: the server's own, and those of the allowed origins. CORS keeps other pages out, but not a
/// page whose host name is made to resolve to this machine (DNS rebinding), which a browser takes for the server's own. So a connection
/// over the loopback interface must name a loopback host.
/// </summary>
internal sealed class PageOrigin(IReadOnlyList<string> allowed)
{
    private const string WebCall = "application/grpc-web";

    /// <summary>Answers a call from another page with 403; everything else goes on.</summary>
    public async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        StringValues origin = context.Request.Headers.Origin;
        if (StringValues.IsNullOrEmpty(origin) || !IsWebCall(context.Request) || MayCall(context, origin.ToString()))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        await context.Response.WriteAsync($"Pages of {CallerText.Shown(origin.ToString())} may not call this server. "
            + "Its operator can add the origin to SeaGrpc:Transport:WebOrigins.\n");
    }

    private static bool IsWebCall(HttpRequest request) =>
        request.ContentType?.StartsWith(WebCall, StringComparison.OrdinalIgnoreCase) == true;

    private bool MayCall(HttpContext context, string origin) =>
        allowed.Any(one => one == WebOriginsAttribute.Any || string.Equals(one, origin, StringComparison.OrdinalIgnoreCase))
            || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && IsOwn(context, page));

    /// <summary>A proxy that adds TLS changes the scheme, so that only the host and the port count.</summary>
    private static bool IsOwn(HttpContext context, Uri page)
    {
        HostString host = context.Request.Host;
        bool isSame = host.HasValue && string.Equals(page.Host.Trim('[', ']'), host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
            && page.Port == (host.Port ?? (page.Scheme == Uri.UriSchemeHttps ? 443 : 80));
        return isSame && (context.Connection.LocalIpAddress is not { } address || !IPAddress.IsLoopback(address) || page.IsLoopback);
    }
}
