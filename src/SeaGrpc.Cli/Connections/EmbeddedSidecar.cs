using SeaGrpc.Cli.Output;
using SeaGrpc.Server;
using SeaGrpc.Server.Models;

namespace SeaGrpc.Cli.Connections;

/// <summary>Starts a sidecar inside this process, on a free loopback port, with the embedded models.</summary>
internal static class EmbeddedSidecar
{
    /// <summary>
    /// The log leaves standard output alone. One thread: the models are so small that a second gains little, and on a busy
    /// machine the two wait for each other at every operation.
    /// </summary>
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Logging:Console:LogToStandardErrorThreshold"] = "Trace",
        ["SeaGrpc:Models:Threads"] = "1",
    };

    /// <summary>Starts it; complete when it is ready.</summary>
    /// <param name="verbose">Whether it logs to standard error; otherwise it is silent.</param>
    /// <param name="changes">Settings that differ from those here, by their full key; null for none.</param>
    /// <param name="makeRewards">Makes the rewards; null loads those that the settings name.</param>
    /// <exception cref="CliException">It cannot start; the message says why.</exception>
    public static async Task<Sidecar> StartAsync(
        bool verbose, IReadOnlyDictionary<string, string?>? changes = null, RewardFactory? makeRewards = null)
    {
        await using var bars = ProgressBars.Start(isQuiet: verbose);
        try
        {
            var settings = new Dictionary<string, string?>(Settings);
            foreach ((string key, string? value) in changes ?? new Dictionary<string, string?>())
            {
                settings[key] = value;
            }

            return await Sidecar.StartAsync(settings, verbose, makeRewards, new LoadingProgress(bars));
        }
        catch (SidecarStartException error)
        {
            throw new CliException($"The sidecar cannot start. {error.Message}", ExitCodes.Failure, error);
        }
    }
}
