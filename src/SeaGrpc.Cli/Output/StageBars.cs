namespace SeaGrpc.Cli.Output;

/// <summary>Shows work that has several stages of unknown length, one after another.</summary>
internal sealed class StageBars(IProgress<WorkProgress> bars) : IProgress<string>
{
    private WorkProgress? _last;

    public void Report(string value)
    {
        End();
        var stage = new WorkProgress(value);
        bars.Report(stage);
        _last = stage;
    }

    /// <summary>The last stage is over.</summary>
    public void End()
    {
        if (_last is { } last)
        {
            bars.Report(last.Finished);
            _last = null;
        }
    }
}
