namespace SeaGrpc.Lab.Tests.Training.Preferences;

internal static class Interrupting
{
    /// <summary>Cancels after a certain step.</summary>
    public static void CancelAfterStep(this CancellationTokenSource source, int step, int last)
    {
        if (step == last)
        {
            source.Cancel();
        }
    }
}
