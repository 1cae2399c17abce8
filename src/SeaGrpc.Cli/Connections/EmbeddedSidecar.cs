using SeaGrpc.Server;

namespace SeaGrpc.Cli.Connections;

/// <summary>Starts a sidecar inside this process, on a free loopback port, with the embedded models.</summary>
internal static class EmbeddedSidecar
{
    private static readonly Dictionary<string, string?> LogToStandardError = new() { ["Logging:Console:LogToStandardErrorThreshold"] = "Trace" };

    /// <summary>Starts it; complete when it is ready.</summary>
    /// <param name="verbose">Whether it logs to standard error; otherwise it is silent.</param>
    /// <exception cref="CliException">It cannot start; the message says why.</exception>
    public static async Task<Sidecar> StartAsync(bool verbose)
    {
        try
        {
            return await Sidecar.StartAsync(LogToStandardError, verbose);
        }
        catch (SidecarStartException error)
        {
            throw new CliException($"The sidecar cannot start. {error.Message}", ExitCodes.Failure, error);
        }
    }
}
