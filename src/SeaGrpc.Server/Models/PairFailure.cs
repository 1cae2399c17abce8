using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Models;

/// <summary>Says why a pair could not be loaded.</summary>
internal static class PairFailure
{
    /// <summary>The failure as calls are told it.</summary>
    /// <param name="pair">The pair's name.</param>
    /// <param name="failure">What loading it failed with.</param>
    /// <param name="retryAfter">When it is tried again.</param>
    public static PairUnavailableException Of(string pair, Exception failure, TimeSpan retryAfter) => failure switch
    {
        PairUnavailableException told => new PairUnavailableException(pair, told.Problem, told.IsSettings, retryAfter, told),
        _ => new PairUnavailableException(pair, StartFailure.Describe(failure), IsSettings(failure), retryAfter, failure),
    };

    private static bool IsSettings(Exception failure) => failure is CheckpointException or InvalidDataException or ArgumentException
        or VocabularyMismatchException or ChatTemplateException or TokenizationException or DirectoryNotFoundException
        or FileNotFoundException or UnauthorizedAccessException or FileFaultException;
}
