using System.Reflection;
using System.Security.Cryptography;

namespace SeaGrpc.Server.WebConsole;

/// <summary>One file of the console's page.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Tag">Quoted digest of its bytes, for caches.</param>
internal sealed record ConsoleFile(byte[] Content, string Type, string Tag);

/// <summary>The files of the console's page by their names. A build without Node.js has none.</summary>
internal sealed record ConsoleFiles(IReadOnlyDictionary<string, ConsoleFile> All)
{
    /// <summary>What the page's own address shows.</summary>
    public const string Index = "index.html";

    /// <summary>What build/Console.targets puts before the names of the resources.</summary>
    private const string Prefix = "console/";

    /// <summary>The files in this build.</summary>
    public static ConsoleFiles Embedded { get; } = Read(typeof(ConsoleFiles).Assembly);

    private static ConsoleFiles Read(Assembly assembly) => new(assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(name => name[Prefix.Length..], name => Read(assembly, name)));

    private static ConsoleFile Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new ConsoleFile(content, TypeOf(name), $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
