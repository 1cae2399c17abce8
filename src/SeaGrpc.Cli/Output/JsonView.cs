using Google.Protobuf;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>One JSON object per event and line, as protobuf maps messages to JSON, with the contract's field names.</summary>
internal sealed class JsonView(TextWriter output) : IAlignmentView
{
    private static readonly JsonFormatter Formatter =
        new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true));

    public async Task<AlignmentFinal> ShowAsync(IAsyncEnumerable<StreamAlignResponse> events)
    {
        var trace = new AlignmentTrace();
        await foreach (var message in events)
        {
            trace.Add(message);
            await output.WriteAsync(Formatter.Format(message) + "\n");
        }

        return trace.Final ?? throw new CliException("The server ended the stream without an answer.", ExitCodes.Failure);
    }
}
