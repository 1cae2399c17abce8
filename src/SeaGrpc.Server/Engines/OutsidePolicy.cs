using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>Opens the policy that an engine serves, and knows whether the engine answers. Thread-safe.</summary>
internal sealed class OutsidePolicy(IHostApplicationLifetime lifetime, ILogger<OutsidePolicy> logger)
{
    private volatile GuardedPolicy? _policy;

    /// <summary>Raised on any thread when the engine stops or begins to answer.</summary>
    public event Action? Changed;

    /// <summary>What is wrong with it; null if nothing is.</summary>
    public string? Trouble => _policy?.Trouble;

    /// <summary>Opens it, and waits until the engine has passed the check.</summary>
    /// <param name="folder">Folder of the policy: its weights are not read.</param>
    /// <param name="name">Its name; null for the last part of the folder's path.</param>
    /// <param name="options">The engine's settings.</param>
    /// <returns>The policy without its network, and the engine.</returns>
    /// <exception cref="PolicyFailedException">The engine does not answer in time, or does not pass.</exception>
    /// <exception cref="OperationCanceledException">The server is stopping.</exception>
    public (PolicyModel Policy, IPolicy Engine) Open(string folder, string? name, PolicyEngineOptions options)
    {
        PolicyModel described = PolicyModel.Elsewhere(folder, name);
        var engine = new EnginePolicy(options);
        try
        {
            var check = new EngineCheck(engine, described.Tokenizer);
            EngineModel served = FirstAnswer.AwaitAsync<PolicyFailedException, EngineModel>(
                check.RunAsync,
                options.StartTimeout,
                failure => logger.EngineAwaited(failure.Message, options.StartTimeout),
                lifetime.ApplicationStopping).GetAwaiter().GetResult();
            logger.EngineAnswers(options.Kind.ToString(), engine.Address, served.Identity);
            var guarded = new GuardedPolicy(engine, check, options.BreakDuration, Note);
            _policy = guarded;
            return (PolicyModel.Elsewhere(folder, name, served.MaxPositions), guarded);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private void Note(GuardedPolicy policy, bool isLeftAlone)
    {
        if (isLeftAlone)
        {
            logger.EngineLeftAlone(policy.Address, policy.Trouble ?? string.Empty);
        }
        else
        {
            logger.EngineAnswersAgain(policy.Address);
        }

        Changed?.Invoke();
    }
}
