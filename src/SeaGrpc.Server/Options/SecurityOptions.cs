using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>Who may call. Section <c>SeaGrpc:Security</c>. Health and reflection are open in any case.</summary>
public sealed record SecurityOptions
{
    /// <summary>Least characters of a token.</summary>
    internal const int ShortestToken = 8;

    /// <summary>Bearer token that every call must carry: 8 to 4096 characters of ASCII; default none: every call is allowed.</summary>
    [AuthToken]
    [DataType(DataType.Password)]
    public string? AuthToken { get; init; }

    /// <summary>File whose first line is the token; read with every call, so that it may be renewed. Default none.</summary>
    [ReadableToken]
    [DataType(DataType.Password)]
    public string? AuthTokenFile { get; init; }

    /// <summary>The token that is asked for, or null.</summary>
    public string? ReadToken() =>
        AuthTokenFile is { } file ? File.ReadLines(file).FirstOrDefault()?.Trim() : AuthToken;
}
