using System.Diagnostics;
using System.Globalization;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>Lines about a training under way: step, mean loss since the last line, held-out accuracy, speed, time left.</summary>
/// <param name="output">Where they are written.</param>
/// <param name="steps">Steps in all.</param>
internal sealed class TrainingLines(TextWriter output, int steps)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last;
    private double _losses;
    private int _count;
    private int _done;
    private long _tokens;

    /// <summary>Takes a step in; writes a line if the last one was a while ago, or if there is an accuracy to tell.</summary>
    /// <param name="step">Steps done, earlier runs included.</param>
    /// <param name="loss">The step's loss in nats.</param>
    /// <param name="tokens">The ids that it read.</param>
    /// <param name="accuracy">Share of a held-out sample in the right order, if it was measured.</param>
    public void Add(int step, double loss, int tokens, double? accuracy)
    {
        (_losses, _count, _done, _tokens) = (_losses + loss, _count + 1, _done + 1, _tokens + tokens);
        if (accuracy is null && step < steps && _clock.Elapsed - _last < Pause)
        {
            return;
        }

        double seconds = _clock.Elapsed.TotalSeconds;
        string held = accuracy is { } share ? $"  held out {100 * share:F1} %" : "";
        TimeSpan left = TimeSpan.FromSeconds(seconds / _done * (steps - step));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {step}/{steps}  loss {_losses / _count:F4}{held}  {_tokens / seconds:F0} tokens/s  {left:hh\\:mm\\:ss} left"));
        (_losses, _count, _last) = (0, 0, _clock.Elapsed);
    }
}
