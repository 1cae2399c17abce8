using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Outside;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>Opens the rewards that run outside the server, and knows whether they answer. Thread-safe.</summary>
internal sealed class OutsideRewards(IHostApplicationLifetime lifetime, ILogger<OutsideRewards> logger)
{
    private const int TeiBatch = 32;
    private const int Batch = 1024;

    private readonly Lock _gate = new();
    private readonly List<GuardedEndpoint> _endpoints = [];

    /// <summary>Raised on any thread when a reward stops or begins to answer.</summary>
    public event Action? Changed;

    /// <summary>What is wrong with one of those that the server is not ready without; null if nothing is.</summary>
    public string? Trouble
    {
        get
        {
            lock (_gate)
            {
                return _endpoints.Select(endpoint => endpoint.Trouble).FirstOrDefault(trouble => trouble is not null);
            }
        }
    }

    /// <summary>Opens one, and waits until it has scored a sample.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">Its settings, with an endpoint.</param>
    /// <param name="policy">The policy; it stays the caller's.</param>
    /// <param name="patience">How long it waits.</param>
    /// <param name="counts">Whether the server is not ready without it.</param>
    /// <exception cref="RewardFailedException">It does not answer in time, or not as it must.</exception>
    /// <exception cref="InvalidDataException">Its template cannot be loaded.</exception>
    /// <exception cref="OperationCanceledException">The server is stopping.</exception>
    public RemoteReward Open(string name, RewardOptions options, PolicyModel policy, TimeSpan patience, bool counts)
    {
        var endpoint = new GuardedEndpoint(name, Connect(name, options), options.BreakDuration, Note, Forget);
        try
        {
            IReadOnlyList<double> rewards = FirstAnswer.AwaitAsync<RewardFailedException, IReadOnlyList<double>>(
                endpoint.TryAsync,
                patience,
                failure => logger.RewardAwaited(failure.Message, patience),
                lifetime.ApplicationStopping).GetAwaiter().GetResult();
            logger.RewardAnswers(name, endpoint.Address, rewards[0]);
            if (counts)
            {
                lock (_gate)
                {
                    _endpoints.Add(endpoint);
                }
            }

            return new RemoteReward(
                name, policy, endpoint, options.EndpointKind.ToString(), new RewardScale(options.Mean, options.Deviation));
        }
        catch
        {
            endpoint.Dispose();
            throw;
        }
    }

    private static IRewardEndpoint Connect(string name, RewardOptions options) => options.EndpointKind switch
    {
        RemoteRewardKind.Tei => new HttpRewardEndpoint(name, options, new TeiPredict(), options.BatchSize ?? TeiBatch),
        RemoteRewardKind.VllmClassify => new HttpRewardEndpoint(name, options, new VllmClassify(), options.BatchSize ?? Batch),
        RemoteRewardKind.VllmPooling => new HttpRewardEndpoint(name, options, new VllmPooling(), options.BatchSize ?? Batch),
        _ => new GrpcRewardEndpoint(name, options, options.BatchSize ?? Batch),
    };

    private void Forget(GuardedEndpoint endpoint)
    {
        lock (_gate)
        {
            _endpoints.Remove(endpoint);
        }
    }

    private void Note(GuardedEndpoint endpoint, bool isLeftAlone)
    {
        if (isLeftAlone)
        {
            logger.RewardLeftAlone(endpoint.Name, endpoint.Address, endpoint.Trouble ?? string.Empty);
        }
        else
        {
            logger.RewardAnswersAgain(endpoint.Name, endpoint.Address);
        }

        Changed?.Invoke();
    }
}
