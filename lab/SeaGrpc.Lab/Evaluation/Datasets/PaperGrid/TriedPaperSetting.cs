using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.PaperGrid;

/// <summary>What a setting found: means over prompts that have an answer.</summary>
/// <param name="Setting">The setting; null for the sample that the chains start from.</param>
/// <param name="Reward">r(x,y).</param>
/// <param name="LogProbability">log pi_ref of a token, in nats.</param>
/// <param name="Energy">U(x,y) with one alpha for all settings, in nats.</param>
/// <param name="Tokens">Positions through both models.</param>
internal sealed record TriedPaperSetting(PaperSetting? Setting, double Reward, double LogProbability, double Energy, double Tokens)
{
    /// <summary>Of results; null where no prompt has an answer.</summary>
    public static TriedPaperSetting? Of(PaperSetting? setting, IReadOnlyList<RowResult> results)
    {
        RowResult[] answered = [.. results.Where(result => result.Answer is not null)];
        return answered.Length == 0 ? null : new TriedPaperSetting(
            setting,
            answered.Average(result => result.Reward!.Value),
            answered.Average(result => result.LogProbability!.Value / result.Length!.Value),
            answered.Average(AnswerEnergy.Of),
            answered.Average(result => result.ModelTokens!.Value));
    }
}
