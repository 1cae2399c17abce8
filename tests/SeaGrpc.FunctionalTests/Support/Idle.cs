namespace SeaGrpc.FunctionalTests.Support;

/// <summary>Waits for what another thread or process brings about.</summary>
internal static class Idle
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Waits until no job runs or waits.</summary>
    public static async Task IdleAsync(this RunningServer server)
    {
        long begun = Environment.TickCount64;
        while (server.Models.Engine.RunningJobs + server.Models.Engine.QueuedJobs > 0)
        {
            Assert.True(
                Environment.TickCount64 - begun < Patience.TotalMilliseconds,
                $"{server.Models.Engine.RunningJobs} jobs still run and {server.Models.Engine.QueuedJobs} wait.");
            await Task.Delay(5);
        }
    }

    /// <summary>Waits until something is so.</summary>
    /// <param name="condition">It.</param>
    /// <param name="instead">Says what there is if it does not come.</param>
    public static async Task UntilAsync(Func<bool> condition, Func<string>? instead = null)
    {
        long begun = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - begun < Patience.TotalMilliseconds, $"It never came. {instead?.Invoke()}");
            await Task.Delay(10);
        }
    }
}
