using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// The gradient of log pi_tuned - log pi_base at tokens: the difference of the predictions of these tokens, and of their effect on later
/// positions.
/// </summary>
internal sealed class ImplicitRewardGradient(
    IReadOnlyList<float> rewards, LogProbabilityGradient tuned, LogProbabilityGradient basis, HardResponses rows, double weight)
        : IRewardGradient
{
    private readonly float[] _active = rows.ActiveMask();

    public IReadOnlyList<float> Rewards => rewards;

    public void AddTo(Tensor sum, long start, double factor)
    {
        Add(sum, start, tuned, factor * weight);
        Add(sum, start, basis, -factor * weight);
    }

    public void Dispose()
    {
        tuned.Dispose();
        basis.Dispose();
    }

    private void Add(Tensor sum, long start, LogProbabilityGradient part, double factor)
    {
        int count = (int)sum.shape[0];
        Tensor mask = tensor(_active.AsSpan((int)start, count).ToArray(), device: part.Predictions.device).unsqueeze(1);
        Tensor own = part.Predictions.narrow(0, start, count) * mask;
        Tensor whole = (part.ThroughInputs(start, count, 1) is { } later ? own.Plus(later) : own).to(sum.device);
        long common = Math.Min(sum.shape[1], whole.shape[1]);
        sum.narrow(1, 0, common).AddInPlace(whole.narrow(1, 0, common), factor);
    }
}
