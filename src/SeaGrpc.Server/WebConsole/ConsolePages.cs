using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.WebConsole;

/// <summary>Serves the console's page at <see cref="Path"/>, if it is on.</summary>
internal static class ConsolePages
{
    /// <summary>Where the page is.</summary>
    public const string Path = "/console";

    /// <summary>What is said in a build without the page.</summary>
    internal const string Missing = """
        This build of the server has no console: there was no Node.js (18.14 or later) with npm when it was built.

        Install Node.js, then run in the folder of the sources:

            npm ci --prefix clients/typescript
            npm run --prefix clients/typescript console

        and build and start the server again. The message of the build says what failed, if something did.

        """;

    /// <summary>
    /// Scripts, styles and pictures are the server's own files, and nothing may show the page inside another one. It may call other
    /// servers, because it has a field for their address.
    /// </summary>
    internal const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' http: https:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    /// <summary>Maps the page. Does nothing if it is off.</summary>
    public static void MapConsole(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<TransportOptions>>().Value.Console)
        {
            ConsoleFiles files = app.Services.GetRequiredService<ConsoleFiles>();
            app.MapMethods($"{Path}/{{file?}}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, string? file) =>
                Answer(context, files, file));
        }
    }

    private static IResult Answer(HttpContext context, ConsoleFiles files, string? file)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
        if (files.All.Count == 0)
        {
            return Results.Text(Missing, statusCode: StatusCodes.Status501NotImplemented);
        }

        // The page names its files relative to itself, also behind a proxy that puts a path before it.
        if (file is null && context.Request.Path.Value?.EndsWith('/') == false)
        {
            return Results.Redirect(Path[1..] + "/");
        }

        return files.All.TryGetValue(file ?? ConsoleFiles.Index, out ConsoleFile? found)
            ? Results.Bytes(found.Content, found.Type, entityTag: new EntityTagHeaderValue(found.Tag))
            : Results.NotFound();
    }
}
