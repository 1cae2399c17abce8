namespace SeaGrpc.Server;

/// <summary>Files that settings name.</summary>
internal static class SettingsFile
{
    private const int MostBytes = 1 << 20;

    /// <summary>The contents of a file.</summary>
    /// <exception cref="FileFaultException">It cannot be read, is empty, or is not an ordinary file of at most 1 MiB.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return file.Length switch
            {
                0 => throw new FileFaultException($"{path} is empty or not an ordinary file."), // Pipes and devices have no length.
                > MostBytes => throw new FileFaultException($"{path} has {file.Length} bytes, more than {MostBytes}."),
                _ => File.ReadAllBytes(path),
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{path} cannot be read: {failure.Message}", failure);
        }
    }
}

/// <summary>A file that a setting names is of no use. The message says why and what to change.</summary>
internal sealed class FileFaultException(string message, Exception? cause = null) : Exception(message, cause);
