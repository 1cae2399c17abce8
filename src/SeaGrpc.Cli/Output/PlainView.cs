using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>Plain lines without control codes: for a pipe, a file or a dumb terminal. Changed words stand in square brackets.</summary>
internal sealed class PlainView(TextWriter output) : IAlignmentView
{
    public async Task<AlignmentFinal> ShowAsync(IAsyncEnumerable<StreamAlignResponse> events)
    {
        var trace = new AlignmentTrace();
        await foreach (var message in events)
        {
            trace.Add(message);
            if (Line(message) is { } line)
            {
                await output.WriteLineAsync(line);
            }
        }

        var final = trace.Final ?? throw new CliException("The server ended the stream without an answer.", ExitCodes.Failure);
        await output.WriteAsync(Report(final, trace.Started?.EffectiveSpec));
        return final;
    }

    private static string Report(AlignmentFinal final, AlignmentSpec? spec) => $"""

        DRAFT   {Figures.Line(final.Draft)}
        {MarkedText.Plain(final.Draft.Text)}

        ANSWER  {Figures.Line(final.Response)}
        {MarkedText.FromSpans(final.Response.Text, final.ChangedSpans)}

        {Summary.Of(final, spec)}

        """.ReplaceLineEndings("\n");

    private static string? Line(StreamAlignResponse message) => message.EventCase switch
    {
        StreamAlignResponse.EventOneofCase.Queued => $"queued, place {message.Queued.Position}",
        StreamAlignResponse.EventOneofCase.Started => $"started: {Figures.Method(message.Started.EffectiveSpec)}",
        StreamAlignResponse.EventOneofCase.Draft => $"draft  {Figures.Line(message.Draft.Best)}",
        StreamAlignResponse.EventOneofCase.Iteration =>
            $"iteration {message.Iteration.Index}/{message.Iteration.Total}  {Figures.Line(message.Iteration.Best)}",
        StreamAlignResponse.EventOneofCase.Progress =>
            $"prefix  energy {Figures.Of(message.Progress.LeadingPrefix.Energy)}  "
            + message.Progress.LeadingPrefix.Text.ReplaceLineEndings(" "),
        _ => null,
    };
}
