using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.Engines;

/// <summary>Opens the policies that engines serve, and knows whether the engines answer. Thread-safe.</summary>
internal sealed class OutsidePolicy(IHostApplicationLifetime lifetime, ILogger<OutsidePolicy> logger)
{
    private readonly Lock _gate = new();
    private readonly List<GuardedPolicy> _policies = [];

    /// <summary>Raised on any thread when an engine stops or begins to answer.</summary>
    public event Action? Changed;

    /// <summary>What is wrong with one that the server is not ready without; null if nothing is.</summary>
    public string? Trouble
    {
        get
        {
            lock (_gate)
            {
                return _policies.Select(policy => policy.Trouble).FirstOrDefault(trouble => trouble is not null);
            }
        }
    }

    /// <summary>Opens it, and waits until the engine has passed the check.</summary>
    /// <param name="folder">Folder of the policy: its weights are not read.</param>
    /// <param name="name">Its name; null for the last part of the folder's path.</param>
    /// <param name="options">The engine's settings.</param>
    /// <param name="patience">How long it waits.</param>
    /// <param name="counts">Whether the server is not ready without it.</param>
    /// <returns>The policy without its network, and the engine.</returns>
    /// <exception cref="PolicyFailedException">The engine does not answer in time, or does not pass.</exception>
    /// <exception cref="OperationCanceledException">The server is stopping.</exception>
    public (PolicyModel Policy, IPolicy Engine) Open(
        string folder, string? name, PolicyEngineOptions options, TimeSpan patience, bool counts)
    {
        PolicyModel described = PolicyModel.Elsewhere(folder, name);
        var engine = new EnginePolicy(options);
        try
        {
            var check = new EngineCheck(engine, described.Tokenizer);
            EngineModel served = FirstAnswer.AwaitAsync<PolicyFailedException, EngineModel>(
                check.RunAsync,
                patience,
                failure => logger.EngineAwaited(failure.Message, patience),
                lifetime.ApplicationStopping).GetAwaiter().GetResult();
            logger.EngineAnswers(options.Kind.ToString(), engine.Address, served.Identity);
            var guarded = new GuardedPolicy(engine, check, options.BreakDuration, Note, Forget);
            if (counts)
            {
                lock (_gate)
                {
                    _policies.Add(guarded);
                }
            }

            return (PolicyModel.Elsewhere(folder, name, served.MaxPositions), guarded);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private void Forget(GuardedPolicy policy)
    {
        lock (_gate)
        {
            _policies.Remove(policy);
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
