using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SeaGrpc.Cli.Output;

/// <summary>How much is done, and of how much, in the work's unit, which is the bar's tag.</summary>
internal sealed class AmountColumn : ProgressColumn
{
    private readonly DownloadedColumn _bytes = new() { Culture = CultureInfo.InvariantCulture };

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => task.Tag is WorkUnit.Bytes
        ? _bytes.Render(options, task, deltaTime)
        : new Text(string.Create(
            CultureInfo.InvariantCulture, $"{task.Value:0}/{task.MaxValue:0}{(task.Tag is WorkUnit.Seconds ? " s" : "")}"));
}
