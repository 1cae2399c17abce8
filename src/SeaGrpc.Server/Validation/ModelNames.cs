using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Models;

namespace SeaGrpc.Server.Validation;

/// <summary>Checks the model names of a request.</summary>
internal sealed class ModelNames(ServedModels models)
{
    /// <summary>Checks both names.</summary>
    /// <exception cref="UnknownModelException">One of the models is not loaded.</exception>
    public void Check(string? policy, string? reward, string policyField, string rewardField)
    {
        Check(policyField, policy, [models.Policy.Name]);
        Check(rewardField, reward, [.. models.Rewards.Select(served => served.Name)]);
    }

    private static void Check(string field, string? name, string[] loaded)
    {
        if (name is not null && !loaded.Contains(name))
        {
            throw new UnknownModelException(field, name, string.Join("\", \"", loaded));
        }
    }
}
