using SeaGrpc.Alignment;

namespace SeaGrpc.Server.Outside;

/// <summary>Waits at the start for something outside the server that may start later.</summary>
internal static class FirstAnswer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks again and again. A wrong answer ends the wait at once.</summary>
    /// <typeparam name="TFailure">How it fails.</typeparam>
    /// <typeparam name="T">Type of the answer.</typeparam>
    /// <param name="ask">Asks once.</param>
    /// <param name="patience">How long failures are put up with.</param>
    /// <param name="onWaiting">Called once, with the first failure that is put up with.</param>
    /// <param name="stop">Ends the wait: the server is stopping.</param>
    /// <exception cref="OutsideFailedException">It did not answer in time, or not as it must.</exception>
    public static async Task<T> AwaitAsync<TFailure, T>(
        Func<CancellationToken, Task<T>> ask, TimeSpan patience, Action<TFailure> onWaiting, CancellationToken stop)
        where TFailure : OutsideFailedException
    {
        long begun = Environment.TickCount64;
        bool isTold = false;
        while (true)
        {
            try
            {
                return await ask(stop).ConfigureAwait(false);
            }
            catch (TFailure failure) when (!failure.IsMalformed && Environment.TickCount64 - begun < patience.TotalMilliseconds)
            {
                if (!isTold)
                {
                    onWaiting(failure);
                    isTold = true;
                }

                await Task.Delay(Pause, stop).ConfigureAwait(false);
            }
        }
    }
}
