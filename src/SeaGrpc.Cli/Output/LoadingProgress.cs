using SeaGrpc.Modeling;

namespace SeaGrpc.Cli.Output;

/// <summary>Shows how far the weights of each model have been read.</summary>
internal sealed class LoadingProgress(ProgressBars bars) : IProgress<LoadState>
{
    public void Report(LoadState value) => bars.Report(
        Path.GetFileName(Path.TrimEndingDirectorySeparator(value.Folder)), value.ReadBytes, value.TotalBytes);
}
