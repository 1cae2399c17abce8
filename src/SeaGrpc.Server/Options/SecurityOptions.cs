using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>Who may call. Section <c>SeaGrpc:Security</c>. Health and reflection are open in any case.</summary>
public sealed record SecurityOptions
{
    /// <summary>Minimum length of a token.</summary>
    internal const int ShortestToken = 8;

    /// <summary>Bearer token that every call must carry: 8 to 4096 ASCII characters; default none: every call is allowed.</summary>
    [AuthToken]
    [DataType(DataType.Password)]
    public string? AuthToken { get; init; }

    /// <summary>File whose first line is the token; read on every call, so that the token can be rotated. Default none.</summary>
    [ReadableToken]
    [DataType(DataType.Password)]
    public string? AuthTokenFile { get; init; }

    /// <summary>The token that is asked for, or null.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public string? ReadToken() => AuthTokenFile is { } file ? FirstLine(file) : AuthToken;

    /// <summary>A file's first line; null if it is empty, or a pipe or a device, which could be read without end.</summary>
    internal static string? FirstLine(string path)
    {
        var file = new FileInfo(path);
        file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return file.Length == 0 ? null : File.ReadLines(path).FirstOrDefault()?.Trim();
    }
}
