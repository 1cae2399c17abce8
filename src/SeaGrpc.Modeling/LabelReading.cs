using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling;

/// <summary>
/// How a classifier's labels make a reward. Written <c>helpful</c> for a label's logit, <c>helpful - harmful</c> for the difference of two,
/// <c>log_probability(helpful)</c> for the logarithm of a label's softmax probability over all labels.
/// </summary>
/// <param name="Label">The label that is rewarded, by its name in config.json.</param>
/// <param name="Less">The label whose logit is subtracted, or null.</param>
/// <param name="IsLogProbability">Whether it is the logarithm of a probability, in nats, instead of a logit.</param>
public sealed partial record LabelReading(string Label, string? Less, bool IsLogProbability)
{
    /// <summary>The forms, for error messages and help.</summary>
    public const string Form = "'LABEL', 'LABEL - LABEL' or 'log_probability(LABEL)'";

    /// <summary>Reads one of the forms. Spaces around the minus sign tell it from one in a label's name.</summary>
    /// <exception cref="FormatException">It is none of them; the message shows them.</exception>
    public static LabelReading Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (LogProbability().Match(text) is { Success: true } logarithm)
        {
            return new LabelReading(logarithm.Groups[1].Value.Trim(), null, true);
        }

        string[] labels = Minus().Split(text.Trim());
        return labels.Length <= 2 && labels.All(label => label.Length > 0)
            ? new LabelReading(labels[0], labels.ElementAtOrDefault(1), false)
            : throw new FormatException($"'{text}' does not say which label is the reward: write {Form}.");
    }

    /// <inheritdoc/>
    public override string ToString() => IsLogProbability ? $"log_probability({Label})" : Less is null ? Label : $"{Label} - {Less}";

    [GeneratedRegex(@"^\s*log_probability\((.*\S.*)\)\s*$")]
    private static partial Regex LogProbability();

    [GeneratedRegex(@"\s+-\s+")]
    private static partial Regex Minus();
}
