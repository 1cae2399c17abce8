using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Identifies a checkpoint's content.</summary>
public static class CheckpointHash
{
    /// <summary>SHA-256 of config.json, tokenizer.json and the weights, each preceded by its name and length.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="CheckpointException">One of the files is missing or cannot be read.</exception>
    public static string Of(string folder, CancellationToken cancellation = default)
    {
        string[] paths =
        [
            .. WeightFiles.Find(folder).Paths.Prepend(Path.Combine(folder, "tokenizer.json")).Prepend(Path.Combine(folder, "config.json")),
        ];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var path in paths)
        {
            Append(hash, path, buffer, cancellation);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string path, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var length = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(length, stream.Length);
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(path) + "\0"));
            hash.AppendData(length);
            int read;
            while ((read = stream.Read(buffer)) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
        }
        catch (FileNotFoundException e)
        {
            throw new CheckpointException(path, "the file is missing; add it to the checkpoint folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the file cannot be read ({e.Message}).", e);
        }
    }
}
