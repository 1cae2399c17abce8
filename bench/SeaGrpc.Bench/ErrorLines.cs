namespace SeaGrpc.Bench;

/// <summary>Progress on standard error.</summary>
internal static class ErrorLines
{
    /// <summary>Says what begins.</summary>
    public static void Write(string what) => Console.Error.WriteLine($"{what} ...");
}
