using System.Globalization;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A method of a size that is fitted to a budget of tokens.</summary>
/// <param name="Template">
/// Its text, with a place for the size n: <c>{n}</c>; <c>{w}</c> and <c>{k}</c> where w beams of k successors each stand for it, about
/// as many of one as of the other; <c>{h}</c> for half of it; or <c>{b}</c> for the budget itself, beside which <c>{r}</c> lets a search
/// start over where the budget is large. Without a place it has one size.
/// </param>
/// <param name="Size">The size that is tuned, and by whose tokens the others are found.</param>
internal sealed record ScaledMethod(string Template, int Size)
{
    /// <summary>
    /// The smallest budget, in tokens a prompt, at which a search starts over where no move helps. One start spends most of a smaller one.
    /// </summary>
    public const int LargeBudget = 10000;

    private const int LargestSize = 1000;
    private const string StartsOver = ",restarts=9,iterations=1000";
    private const double FarthestRatio = 1.3;

    /// <summary>Whether a method that spends some tokens a prompt may stand for a budget: it is at most 1.3 times off.</summary>
    public static bool IsAbout(double tokens, int budget) => tokens <= budget * FarthestRatio && tokens * FarthestRatio >= budget;

    /// <summary>The method at every size.</summary>
    public IEnumerable<string> AllSizes() => Enumerable.Range(1, LargestSize).Select(At).Distinct();

    /// <summary>Whether the method itself keeps to a budget.</summary>
    public bool KeepsBudget => Template.Contains("{b}", StringComparison.Ordinal);

    /// <summary>Whether its size can be chosen.</summary>
    public bool HasSize => Template.Contains('{');

    /// <summary>The method that tuning tries: at its own size, or at a budget.</summary>
    public string Tried(int budget) => KeepsBudget ? AtBudget(budget) : At(Size);

    /// <summary>The method at a budget: the smallest size that spends it, by the tokens that its own size was seen to spend.</summary>
    /// <param name="budget">Tokens a prompt.</param>
    /// <param name="spent">Tokens a prompt at its own size.</param>
    public string For(int budget, double spent) =>
        KeepsBudget ? AtBudget(budget) : At((int)Math.Max(1, Math.Ceiling(Size * budget / spent)));

    private string AtBudget(int budget) =>
        Put(Template, "{b}", budget).Replace("{r}", budget >= LargeBudget ? StartsOver : "", StringComparison.Ordinal);

    private string At(int size)
    {
        int beams = (int)Math.Ceiling(Math.Sqrt(size));
        string text = Put(Put(Template, "{n}", size), "{h}", (size + 1) / 2);
        return Put(Put(text, "{w}", beams), "{k}", (size + beams - 1) / beams);
    }

    private static string Put(string text, string place, int value) =>
        text.Replace(place, value.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
