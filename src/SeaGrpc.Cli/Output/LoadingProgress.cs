using SeaGrpc.Modeling;

namespace SeaGrpc.Cli.Output;

/// <summary>Shows how far the weights of each model have been read.</summary>
internal sealed class LoadingProgress(IProgress<WorkProgress> bars) : IProgress<LoadState>
{
    public void Report(LoadState value) => bars.Report(new WorkProgress(
        Path.GetFileName(Path.TrimEndingDirectorySeparator(value.Folder)), value.ReadBytes, value.TotalBytes, WorkUnit.Bytes));
}
