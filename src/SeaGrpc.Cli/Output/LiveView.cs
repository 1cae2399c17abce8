using System.Diagnostics;
using SeaGrpc.V1;
using Spectre.Console;

namespace SeaGrpc.Cli.Output;

/// <summary>A terminal's view: redrawn while the alignment runs, then draft and answer side by side.</summary>
internal sealed class LiveView(IAnsiConsole console, CancellationToken stopping) : IAlignmentView
{
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(40);

    public async Task<AlignmentFinal> ShowAsync(IAsyncEnumerable<StreamAlignResponse> events)
    {
        var trace = new AlignmentTrace();
        await console.Live(ProgressScreen.Render(trace, console.Profile.Width, stopping: false))
            .AutoClear(true)
            .Overflow(VerticalOverflow.Crop)
            .Cropping(VerticalOverflowCropping.Bottom)
            .StartAsync(async context =>
            {
                using var redraw = stopping.Register(() => Draw(context, trace));
                var sinceDrawn = Stopwatch.StartNew();
                await foreach (var message in events)
                {
                    lock (trace)
                    {
                        trace.Add(message);
                    }

                    if (sinceDrawn.Elapsed >= RedrawInterval
                        || message.EventCase is not (
                            StreamAlignResponse.EventOneofCase.Iteration or StreamAlignResponse.EventOneofCase.Progress))
                    {
                        Draw(context, trace);
                        sinceDrawn.Restart();
                    }
                }
            });

        var final = trace.Final ?? throw new CliException("The server ended the stream without an answer.", ExitCodes.Failure);
        console.Write(FinalTable.Render(final, console.Profile.Width));
        console.WriteLine(Summary.Of(final, trace.Started?.EffectiveSpec));
        return final;
    }

    private void Draw(LiveDisplayContext context, AlignmentTrace trace)
    {
        lock (trace)
        {
            context.UpdateTarget(ProgressScreen.Render(trace, console.Profile.Width, stopping.IsCancellationRequested));
        }
    }
}
