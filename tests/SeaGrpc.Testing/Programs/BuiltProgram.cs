namespace SeaGrpc.Testing.Programs;

/// <summary>A program that the build puts beside the tests.</summary>
public sealed class BuiltProgram
{
    /// <summary>The product's command line.</summary>
    public static BuiltProgram Cli { get; } = new("seagrpc.dll");

    /// <summary>Evaluation, tuning and training.</summary>
    public static BuiltProgram Lab { get; } = new("SeaGrpc.Lab.dll");

    /// <summary>The benchmarks.</summary>
    public static BuiltProgram Bench { get; } = new("SeaGrpc.Bench.dll");

    private readonly string _assembly;

    private BuiltProgram(string assembly) => _assembly = assembly;

    /// <summary>Starts it.</summary>
    public ProgramProcess Start(params string[] arguments) =>
        ProgramProcess.Start(Path.Combine(AppContext.BaseDirectory, _assembly), _ => { }, arguments);

    /// <summary>Starts it on a terminal.</summary>
    /// <param name="environment">Variables that it has beside what .NET needs; null for none.</param>
    /// <param name="arguments">The command line.</param>
    public TerminalProcess StartOnTerminal(IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        TerminalProcess.Start(Path.Combine(AppContext.BaseDirectory, _assembly), environment, arguments);

    /// <summary>Runs it to its end.</summary>
    public async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        using ProgramProcess process = Start(arguments);
        return await process.EndAsync();
    }

    /// <summary>Runs a copy of it that lies elsewhere to its end, with one environment variable set.</summary>
    public async Task<ProgramResult> RunCopyAsync(string folder, string variable, string? value, params string[] arguments)
    {
        using ProgramProcess process = ProgramProcess.Start(
            Path.Combine(folder, _assembly), start => start.Environment[variable] = value, arguments);
        return await process.EndAsync();
    }
}
