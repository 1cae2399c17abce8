using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>Who may call. Section <c>SeaGrpc:Security</c>. Health and reflection are always open.</summary>
public sealed record SecurityOptions : IValidatableObject
{
    /// <summary>Minimum length of a token, in characters.</summary>
    internal const int ShortestToken = 8;

    /// <summary>Bearer token that every call must carry; 8 to 4096 ASCII characters. Default none: every call is allowed.</summary>
    [AuthToken]
    [DataType(DataType.Password)]
    public string? AuthToken { get; init; }

    /// <summary>File whose first line is the token. It is read on every call, so the token can be rotated. Default none.</summary>
    [ReadableToken]
    [DataType(DataType.Password)]
    public string? AuthTokenFile { get; init; }

    /// <summary>
    /// File in JSON that names the callers with the hashes of their tokens and what each may do. Every call must carry one of the tokens.
    /// Instead of the two above. Default none.
    /// </summary>
    public string? CallersFile { get; init; }

    /// <summary>How often the file of callers is looked at for changes; 100 milliseconds to 1 hour, default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CallersFile is not null && (AuthToken is not null || AuthTokenFile is not null))
        {
            yield return new ValidationResult(
                $"It names the tokens of all callers: remove {nameof(AuthToken)} and {nameof(AuthTokenFile)}, and add that token's hash to "
                + "the file if it is to stay valid.",
                [nameof(CallersFile)]);
        }
    }

    /// <summary>The required token, or null.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no permission to read the file.</exception>
    public string? ReadToken() => AuthTokenFile is { } file ? FirstLine(file) : AuthToken;

    /// <summary>A file's first line. Null if it is empty, or is a pipe or device, which could be endless.</summary>
    internal static string? FirstLine(string path)
    {
        var file = new FileInfo(path);
        file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return file.Length == 0 ? null : File.ReadLines(path).FirstOrDefault()?.Trim();
    }
}
