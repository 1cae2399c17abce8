using System.ComponentModel.DataAnnotations;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Options;

/// <summary>The setting says which labels of a classifier make its reward; absent for a classifier with one label.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RewardLabelAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value)
    {
        try
        {
            return value is null || (value is string text && LabelReading.Parse(text) is not null);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"It must say which label is the reward: {LabelReading.Form}.";
}
