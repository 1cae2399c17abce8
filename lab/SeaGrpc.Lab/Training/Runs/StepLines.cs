using System.Diagnostics;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>A line every few steps, with the mean loss since the last one.</summary>
internal sealed class StepLines(string name, Stopwatch clock, TextWriter output) : IProgress<TrainingProgress>
{
    private const int Lines = 20;

    private double _sum;
    private int _count;

    public void Report(TrainingProgress value)
    {
        _sum += value.Loss;
        _count++;
        if (value.Step % Math.Max(1, value.Steps / Lines) == 0 || value.Step == value.Steps)
        {
            output.WriteLine($"{name} {value.Step,5}/{value.Steps}  loss {_sum / _count:F4}  {clock.Elapsed.TotalSeconds,4:F0} s");
            (_sum, _count) = (0, 0);
        }
    }
}
