using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>Shows an alignment while it runs.</summary>
internal interface IAlignmentView
{
    /// <summary>Shows every event as it comes, then the end.</summary>
    /// <param name="events">The events of one alignment; their exceptions pass through.</param>
    /// <returns>The end.</returns>
    Task<AlignmentFinal> ShowAsync(IAsyncEnumerable<StreamAlignResponse> events);
}
