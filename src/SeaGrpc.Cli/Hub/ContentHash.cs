using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SeaGrpc.Cli.Hub;

/// <summary>The hash by which a file's ETag names its content: SHA-256, or git's SHA-1 of a blob. Computed piece by piece.</summary>
internal sealed class ContentHash : IDisposable
{
    private const int Sha256Digits = 64;
    private const int GitDigits = 40;

    private readonly IncrementalHash? _hash;
    private readonly string _expected;

    /// <summary>Starts with no content.</summary>
    public ContentHash(HubFile file)
    {
        _expected = file.Etag;
        bool isHex = file.Etag.All(char.IsAsciiHexDigit);
        _hash = !isHex ? null : file.Etag.Length switch
        {
            Sha256Digits => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
            GitDigits => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
            _ => null,
        };
        if (file.Etag.Length == GitDigits)
        {
            _hash?.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Size}\0")));
        }
    }

    /// <summary>Adds content.</summary>
    public void Add(ReadOnlySpan<byte> content) => _hash?.AppendData(content);

    /// <summary>Whether all that was added is what the ETag names; true if the ETag is no hash.</summary>
    public bool IsRight() =>
        _hash is null || Convert.ToHexStringLower(_hash.GetHashAndReset()).Equals(_expected, StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _hash?.Dispose();
}
