using Spectre.Console;
using Spectre.Console.Rendering;

namespace SeaGrpc.Cli.Output;

/// <summary>A column of progress bars that is empty where a work's length is not known.</summary>
/// <param name="column">The column elsewhere.</param>
internal sealed class KnownColumn(ProgressColumn column) : ProgressColumn
{
    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        task.IsIndeterminate ? Text.Empty : column.Render(options, task, deltaTime);
}
