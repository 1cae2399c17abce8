namespace SeaGrpc.Testing.Programs;

/// <summary>How a process ended.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
