using SeaGrpc.Modeling;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Hosting;

namespace SeaGrpc.Server.Validation;

/// <summary>Checks the model names of a request.</summary>
internal sealed class ModelNames(ServedModels models)
{
    /// <summary>Both names.</summary>
    /// <exception cref="UnknownModelException">One is not loaded.</exception>
    public void Check(string? policy, string? reward, string policyField, string rewardField)
    {
        Check(policyField, policy, models.Policy);
        Check(rewardField, reward, models.Reward);
    }

    private static void Check(string field, string? name, ModelDescription loaded)
    {
        if (name is not null && name != loaded.Name)
        {
            throw new UnknownModelException(field, name, loaded.Name);
        }
    }
}
