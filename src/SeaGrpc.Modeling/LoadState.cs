namespace SeaGrpc.Modeling;

/// <summary>Progress of reading a checkpoint's weights.</summary>
/// <param name="Folder">The checkpoint folder.</param>
/// <param name="ReadBytes">Bytes of weights read so far; 0 at the start.</param>
/// <param name="TotalBytes">Total bytes of weights in the files.</param>
public readonly record struct LoadState(string Folder, long ReadBytes, long TotalBytes);
