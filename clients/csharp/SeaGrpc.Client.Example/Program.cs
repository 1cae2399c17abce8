using SeaGrpc.Client;
using SeaGrpc.Client.Example;
using SeaGrpc.V1;

// Over TLS: dotnet run -- tls ADDRESS ROOTS.pem [CERTIFICATE.pem KEY.pem]
if (args is ["tls", .. string[] files])
{
    return await TlsCall.RunAsync(files);
}

// Shows a stream with a progress bar, then the answer: dotnet run -- ADDRESS [PROMPT]
string address = args.Length > 0 ? args[0] : "http://127.0.0.1:50051";
string question = args.Length > 1 ? args[1] : "My kettle is leaking, what can you do?";
using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) => key.Cancel = Cancel();

using var client = new SeaClient(address);
var spec = new AlignmentSpec
{
    Prompt = Prompts.Chat(question),
    Sea = new SeaParameters(),
    Seed = 1,
};
try
{
    await foreach (StreamAlignResponse next in client.StreamAsync(spec, TimeSpan.FromMinutes(1), cancellationToken: interrupted.Token))
    {
        switch (next.EventCase)
        {
            case StreamAlignResponse.EventOneofCase.Draft:
                Console.WriteLine($"draft  {next.Draft.Best.Reward:0.00}  {next.Draft.Best.Text}");
                break;
            case StreamAlignResponse.EventOneofCase.Iteration:
                int done = 30 * next.Iteration.Index / next.Iteration.Total;
                Console.Error.Write(
                    $"\r[{new string('#', done)}{new string('.', 30 - done)}] {next.Iteration.Index}/{next.Iteration.Total} reward "
                        + $"{next.Iteration.Best.Reward:0.00}");
                break;
            case StreamAlignResponse.EventOneofCase.Final:
                Console.Error.WriteLine();
                Console.WriteLine($"answer {next.Final.Response.Reward:0.00}  {next.Final.Response.Text}");
                break;
        }
    }

    return 0;
}
catch (InvalidRequestException invalid)
{
    foreach (FieldViolation violation in invalid.Violations)
    {
        Console.Error.WriteLine($"{violation.Field}: {violation.Description}");
    }

    return 2;
}
catch (SeaGrpcException failure)
{
    Console.Error.WriteLine($"{failure.Code} {failure.Reason}: {failure.Message}");
    return 1;
}

bool Cancel()
{
    interrupted.Cancel();
    return true;
}
