using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Engines;

/// <summary>Opens the policy that an engine serves, and knows whether the engine answers. Thread-safe.</summary>
internal sealed class OutsidePolicy(IHostApplicationLifetime lifetime, ILogger<OutsidePolicy> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

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
            EngineModel served = AwaitAsync(check, options.StartTimeout).GetAwaiter().GetResult();
            logger.EngineAnswers(options.Kind.ToString(), engine.Address, served.Identity);
            var guarded = new GuardedPolicy(engine, check.RunAsync, options.BreakDuration, Note);
            _policy = guarded;
            return (PolicyModel.Elsewhere(folder, name, served.MaxPositions), guarded);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private async Task<EngineModel> AwaitAsync(EngineCheck check, TimeSpan patience)
    {
        CancellationToken stop = lifetime.ApplicationStopping;
        long begun = Environment.TickCount64;
        bool isTold = false;
        while (true)
        {
            try
            {
                return await check.RunAsync(stop).ConfigureAwait(false);
            }
            catch (PolicyFailedException failure)
                when (!failure.IsMalformed && Environment.TickCount64 - begun < patience.TotalMilliseconds)
            {
                if (!isTold)
                {
                    logger.EngineAwaited(failure.Message, patience);
                    isTold = true;
                }

                await Task.Delay(Pause, stop).ConfigureAwait(false);
            }
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
