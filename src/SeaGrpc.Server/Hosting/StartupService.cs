using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Models;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// Makes the server ready: (1) waits until the host is listening, (2) loads the models, (3) runs one real alignment, (4) opens the services
/// and logs what is served. If a step fails, it stops the process with exit code 1.
/// </summary>
internal sealed class StartupService(
    ModelHost models,
    ServerReadiness readiness,
    StartupOutcome outcome,
    ServerDescription description,
    IHostApplicationLifetime lifetime,
    ILogger<StartupService> logger,
    IProgress<string>? stages = null) : BackgroundService
{
    /// <summary>Enough for every kind of pass; on a busy machine each token of a large model takes seconds.</summary>
    private const int WarmUpResponseTokens = 2;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WaitForStartAsync(stoppingToken); // 1
            models.Start(); // 2
            await models.Engine.Loaded.WaitAsync(stoppingToken);
            logger.WarmingUp();
            stages?.Report("warming up with one short alignment");
            await WarmUpAsync(stoppingToken); // 3
            ThrowIfStopping();
            readiness.BecomeReady(); // 4
            logger.Ready(description.Describe());
            outcome.Succeed();
        }
        catch (Exception failure)
        {
            // A failure that is caused by stopping the server is not a startup failure.
            outcome.Fail(IsStopping ? new OperationCanceledException("The server was stopped before it was ready.", failure) : failure);
            if (!IsStopping)
            {
                lifetime.StopApplication();
            }
        }
    }

    private bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested || readiness.State == EngineState.Draining;

    private void ThrowIfStopping()
    {
        if (IsStopping)
        {
            throw new OperationCanceledException();
        }
    }

    private async Task WarmUpAsync(CancellationToken stoppingToken)
    {
        PromptEncoder prompts = models.Served.Prompts;
        var task = new AlignmentTask
        {
            Prompt = models.Served.HasChatTemplate ? prompts.EncodeChat([new ChatMessage("user", "Hello")]) : prompts.EncodeText("Hello"),
            Method = models.Served.Engine is not null
                ? new EnergySearchParameters { Iterations = 1 }
                : SeaParameters.Default with
                {
                    Chains = 1,
                    Iterations = 1,
                    ProposalOrder = models.Served.HasRewardGradient ? SeaProposalOrder.Alternate : SeaProposalOrder.Policy,
                },
            Seed = 0,
            MaxResponseTokens = WarmUpResponseTokens,
        };
        using JobSlot slot = models.Engine.Reserve();
        await slot.Submit(task).Completion.WaitAsync(stoppingToken);
    }
}
