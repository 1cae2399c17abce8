using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>
/// Keeps the metadata of calls that name themselves by <see cref="Name"/>: what arrives with a call that the server answers alike without
/// it.
/// </summary>
internal sealed class SeenMetadata : IStartupFilter
{
    /// <summary>Metadata that a call is found by.</summary>
    public const string Name = "x-seen-as";

    private readonly ConcurrentDictionary<(string Path, string Name), IReadOnlyDictionary<string, string>> _calls = new();

    /// <summary>The metadata of a call, by its path and the name that it gave itself; null if none arrived.</summary>
    public IReadOnlyDictionary<string, string>? Of(string path, string name) => _calls.GetValueOrDefault((path, name));

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            app.Use(
                (context, handle) =>
                {
                    // A browser's preflight request has no such header.
                    if (context.Request.Headers[Name] is [{ } name])
                    {
                        _calls[(context.Request.Path, name)] = context.Request.Headers.ToDictionary(
                            header => header.Key.ToLowerInvariant(),
                            header => header.Value.ToString()
                        );
                    }

                    return handle(context);
                }
            );
            next(app);
        };
}
