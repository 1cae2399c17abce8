using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>The energy of an answer with one alpha for all methods, whatever a method's own reward weight is.</summary>
internal static class AnswerEnergy
{
    /// <summary>U(x,y) in nats.</summary>
    public static double Of(RowResult result) => -(result.LogProbability!.Value + BudgetFamilies.RewardWeight * result.Reward!.Value);
}
