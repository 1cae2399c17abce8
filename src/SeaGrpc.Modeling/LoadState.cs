namespace SeaGrpc.Modeling;

/// <summary>How far the reading of a checkpoint's weights is.</summary>
/// <param name="Folder">The checkpoint folder.</param>
/// <param name="ReadBytes">Bytes of weights that have been read; 0 when it begins.</param>
/// <param name="TotalBytes">Bytes of weights in its files.</param>
public readonly record struct LoadState(string Folder, long ReadBytes, long TotalBytes);
