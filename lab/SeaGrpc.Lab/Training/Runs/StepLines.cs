using System.Diagnostics;
using SeaGrpc.Cli.Output;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>A line every few steps, with the mean loss since the last one; and how far the steps are.</summary>
/// <param name="name">What is trained.</param>
/// <param name="clock">Time since the start.</param>
/// <param name="output">Where the lines are written.</param>
/// <param name="progress">Receives every step; null for nobody.</param>
internal sealed class StepLines(string name, Stopwatch clock, TextWriter output, IProgress<WorkProgress>? progress = null)
    : IProgress<TrainingProgress>
{
    private const int Lines = 20;

    private double _sum;
    private int _count;

    public void Report(TrainingProgress value)
    {
        progress?.Report(new WorkProgress($"training: {name}", value.Step, value.Steps));
        _sum += value.Loss;
        _count++;
        if (value.Step % Math.Max(1, value.Steps / Lines) == 0 || value.Step == value.Steps)
        {
            output.WriteLine($"{name} {value.Step,5}/{value.Steps}  loss {_sum / _count:F4}  {clock.Elapsed.TotalSeconds,4:F0} s");
            (_sum, _count) = (0, 0);
        }
    }
}
