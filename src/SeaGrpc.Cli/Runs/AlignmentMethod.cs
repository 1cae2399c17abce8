namespace SeaGrpc.Cli.Runs;

/// <summary>The methods that the command line knows.</summary>
internal enum AlignmentMethod
{
    /// <summary>Simple Energy Adaptation.</summary>
    Sea,

    /// <summary>The best of N samples.</summary>
    BestOfN,

    /// <summary>One sample.</summary>
    Base,
}
