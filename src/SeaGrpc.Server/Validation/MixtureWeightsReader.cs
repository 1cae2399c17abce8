using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Validation;

/// <summary>Reads the mixture weights that a request sets for the reward r.</summary>
/// <param name="models">The served rewards.</param>
/// <param name="violations">Receives violations.</param>
internal sealed class MixtureWeightsReader(ServedModels models, Violations violations)
{
    /// <summary>Each served reward's mixture weight, in the models' order.</summary>
    /// <param name="alone">Name of the reward to use alone, or null.</param>
    /// <param name="shares">The request's reward_shares; if empty, the server's weights apply.</param>
    /// <param name="path">Path of the field.</param>
    public IReadOnlyList<double> Read(string? alone, IReadOnlyList<RewardShare> shares, string path)
    {
        string[] names = [.. models.Rewards.Select(reward => reward.Name)];
        if (shares.Count == 0)
        {
            return alone is null
                ? [.. models.Rewards.Select(reward => reward.MixtureWeight)]
                : [.. names.Select(name => name == alone ? 1.0 : 0)];
        }

        if (alone is not null)
        {
            violations.Invalid(path, "must be empty if reward_model is set; omit one of them");
        }

        var read = new double[names.Length];
        int most = Math.Max(names.Length, Violations.MostListed);
        if (shares.Count > most)
        {
            violations.TooLong(path, shares.Count, most, "rewards");
            return read;
        }

        var seen = new HashSet<string>();
        for (int index = 0; index < shares.Count; index++)
        {
            (string name, double weight) = (shares[index].Name, shares[index].Share);
            int place = Array.IndexOf(names, name);
            if (place < 0)
            {
                violations.Invalid(
                    $"{path}[{index}].name", $"is \"{CallerText.Shown(name)}\", but must be one of {string.Join(", ", names)}");
            }
            else if (!seen.Add(name))
            {
                violations.Invalid($"{path}[{index}].name", $"is \"{CallerText.Shown(name)}\" again; name each reward once");
            }
            else if (!double.IsFinite(weight) || Math.Abs(weight) > ParameterRange.Largest)
            {
                violations.Invalid(
                    $"{path}[{index}].share", $"must be a finite number from {-ParameterRange.Largest} to {ParameterRange.Largest}");
            }
            else
            {
                read[place] = weight;
            }
        }

        if (read.All(weight => weight == 0))
        {
            violations.Invalid(path, "must have a weight other than 0");
        }

        return read;
    }
}
